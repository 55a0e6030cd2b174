// Package natstest starts NATS servers for tests, as if they ran by themselves.
package natstest

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// patience is how long a busy machine may take for what takes a moment.
const patience = time.Minute

// A Cluster is some servers.
type Cluster struct {
	Servers []*server.Server
	options []*server.Options
}

// Start starts n servers with JetStream, which know each other, and stops them when
// the test ends. change, if not nil, changes each one's options before.
func Start(tb testing.TB, n int, change func(*server.Options)) *Cluster {
	tb.Helper()
	c := &Cluster{Servers: make([]*server.Server, n)}
	routes := make([]string, n)
	for i := range n {
		routes[i] = "nats://" + FreeAddr(tb)
	}
	for i := range n {
		o := &server.Options{
			ServerName: fmt.Sprint("server-", i+1), Host: "127.0.0.1", Port: server.RANDOM_PORT,
			JetStream: true, StoreDir: tb.TempDir(), NoSigs: true, NoLog: true,
		}
		if n > 1 {
			own, err := url.Parse(routes[i])
			if err != nil {
				tb.Fatal(err)
			}
			o.Cluster = server.ClusterOpts{Name: "test", Host: own.Hostname(), Port: port(own)}
			o.Routes = server.RoutesFromStr(strings.Join(routes, ","))
		}
		if change != nil {
			change(o)
		}
		c.options = append(c.options, o)
		c.Run(tb, i)
	}
	tb.Cleanup(func() {
		for i := range c.Servers {
			c.Stop(i)
		}
	})
	c.wait(tb)
	return c
}

// Run starts server i on what it has kept.
func (c *Cluster) Run(tb testing.TB, i int) {
	tb.Helper()
	s, err := server.NewServer(c.options[i].Clone())
	if err != nil {
		tb.Fatal(err)
	}
	s.Start()
	if !s.ReadyForConnections(patience) {
		tb.Fatal("a NATS server does not start")
	}
	c.options[i].Port = port(parse(tb, s.ClientURL())) // the same one when it is started again
	c.Servers[i] = s
}

// Stop ends server i.
func (c *Cluster) Stop(i int) {
	c.Servers[i].Shutdown()
	c.Servers[i].WaitForShutdown()
}

// URLs returns where the servers are.
func (c *Cluster) URLs() []string {
	urls := make([]string, len(c.Servers))
	for i, s := range c.Servers {
		urls[i] = s.ClientURL()
	}
	return urls
}

// wait waits until JetStream answers.
func (c *Cluster) wait(tb testing.TB) {
	tb.Helper()
	if len(c.Servers) == 1 {
		return
	}
	conn, err := nats.Connect(strings.Join(c.URLs(), ","))
	if err != nil {
		return // it may need a password: then who uses it waits
	}
	defer conn.Close()
	for until := time.Now().Add(patience); ; {
		peers := 0
		for _, s := range c.Servers {
			peers = max(peers, len(s.JetStreamClusterPeers()))
		}
		if _, err := conn.Request("$JS.API.INFO", nil, time.Second); err == nil && peers == len(c.Servers) {
			return
		}
		if time.Now().After(until) {
			tb.Fatal("the NATS servers choose no leader")
		}
		<-time.After(10 * time.Millisecond) // there is no event to wait for
	}
}

// Large has servers take messages of some MiB.
func Large(o *server.Options) { o.MaxPayload = 6 << 20 }

// Room bounds what a server keeps, in bytes.
func Room(bytes int64) func(*server.Options) {
	return func(o *server.Options) { o.JetStreamMaxStore = bytes }
}
