package nats

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/taskscheduler/taskscheduler/internal/pause"
)

// Cluster says how the engine's own server finds those of the other nodes.
type Cluster struct {
	// Listen is where the others reach this node's server.
	Listen string
	// Join are where the others are; this node may be among them.
	Join []string
	// TLS has what they show each other. Nil: nothing, and all is sent in the clear.
	TLS *tls.Config
	// Room tells whether the disk has room for more, Spent whether it has so little that
	// the server must not write any more. Nil: it has room, and is not spent.
	Room, Spent func() bool
	// Relieve frees what is held back of the disk, so that the server can end what it
	// writes. It may be called often. Nil: nothing is held back.
	Relieve func()
}

func (c *Cluster) room() bool { return c.Room == nil || c.Room() }

func (c *Cluster) spent() bool { return c.Spent != nil && c.Spent() }

// size is how many nodes the settings tell of.
func (c *Cluster) size() int { return 1 + len(c.others()) }

// others returns where the other nodes are.
func (c *Cluster) others() []string {
	var others []string
	for _, addr := range slices.Compact(slices.Sorted(slices.Values(c.Join))) {
		if !c.self(addr) {
			others = append(others, addr)
		}
	}
	return others
}

// self tells whether an address is that of this node, perhaps by another name.
func (c *Cluster) self(addr string) bool {
	if addr == c.Listen {
		return true
	}
	ownHost, ownPort, err := net.SplitHostPort(c.Listen)
	host, port, err2 := net.SplitHostPort(addr)
	if err != nil || err2 != nil || port != ownPort {
		return false
	}
	mine := localAddrs()
	if ip := net.ParseIP(ownHost); ownHost != "" && ip == nil || ip != nil && !ip.IsUnspecified() {
		mine = lookUp(ownHost)
	}
	return slices.ContainsFunc(lookUp(host), func(ip string) bool { return slices.Contains(mine, ip) })
}

// lookUp returns the addresses of a host; none if nobody knows it now.
func lookUp(host string) []string {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	ips, err := net.DefaultResolver.LookupHost(ctx, host)
	if err != nil {
		return nil
	}
	return ips
}

// localAddrs returns the addresses of this machine.
func localAddrs() (ips []string) {
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, addr := range all {
		if network, ok := addr.(*net.IPNet); ok {
			ips = append(ips, network.IP.String())
		}
	}
	return ips
}

const (
	clusterName = "task-scheduler"
	// noPort is one that can't be listened at. The server opens its port for other
	// servers only once that for clients is open or has failed, and this node's only
	// client reaches it through memory.
	noPort = 1 << 16
	// mostStored is no limit: the disk is.
	mostStored = 1 << 60
	// systemUser may change the cluster; nodeUser reads and writes.
	systemUser, nodeUser = "system", "node"
)

// openCluster starts a server of the engine's own that keeps data together with those
// of the other nodes.
func (e *Engine) openCluster(ctx context.Context) error {
	e.names = shared(defaultPrefix)
	if _, err := CheckCopy(e.config.Dir); err != nil {
		return fmt.Errorf("%w: the other nodes have copies; move %s away, and this node gets what is in it from them", err, e.config.Dir)
	}
	if err := e.checkName(ctx); err != nil {
		return err
	}
	if err := e.startServer(ctx); err != nil {
		return fmt.Errorf("the store in %s does not start: %w", e.config.Dir, err)
	}
	if err := e.awaitOthers(ctx); err != nil {
		return fmt.Errorf("the store in %s does not start: %w", e.config.Dir, err)
	}
	e.nodes.Store(int64(e.config.Cluster.size()))
	if err := e.share(ctx); err != nil {
		return fmt.Errorf("the cluster: %w", err)
	}
	if e.config.Before == "" {
		return nil
	}
	return e.takeBefore(ctx)
}

func (e *Engine) clusterOptions() (*server.Options, error) {
	c := e.config.Cluster
	host, portText, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return nil, err
	}
	port, err := strconv.Atoi(portText)
	if err != nil {
		return nil, err
	}
	e.password = rand.Text()
	system := server.NewAccount(server.DEFAULT_SYSTEM_ACCOUNT)
	o := &server.Options{
		ServerName: ServerName(e.config.Node), Host: "127.0.0.1", Port: noPort,
		JetStream: true, StoreDir: e.config.Dir, JetStreamMaxStore: mostStored,
		SyncAlways: e.config.Sync, SyncInterval: syncInterval,
		MaxPayload: int32(e.config.MaxMessage + room), MaxPending: 256 << 20, NoSigs: true,
		Accounts: []*server.Account{system}, SystemAccount: system.Name,
		Users: []*server.User{
			{Username: systemUser, Password: e.password, Account: system},
			{Username: nodeUser, Password: e.password},
		},
		Cluster: server.ClusterOpts{
			Name: clusterName, Host: host, Port: port, NoAdvertise: true, TLSConfig: c.TLS, TLSTimeout: 5,
		},
	}
	// The server takes the cluster to have as many nodes as there are routes.
	own := net.JoinHostPort(cmp.Or(host, "127.0.0.1"), portText)
	if i := slices.IndexFunc(c.Join, c.self); i >= 0 {
		own = c.Join[i] // its certificate has that name
	}
	for _, addr := range append(c.others(), own) {
		o.Routes = append(o.Routes, &url.URL{Scheme: "nats", Host: addr})
	}
	return o, nil
}

// ServerName returns what a node's server is called: words of NATS have no spaces.
func ServerName(node string) string {
	if plain(node) || strings.IndexFunc(node, func(r rune) bool { return r <= ' ' || r > '~' }) < 0 {
		return node
	}
	return "b-" + encode(node)
}

func (e *Engine) startServer(ctx context.Context) error {
	options, err := e.clusterOptions()
	if err != nil {
		return err
	}
	if e.server, err = server.NewServer(options); err != nil {
		return err
	}
	e.server.SetLoggerV2(e.log, false, false, false)
	e.server.Start()
	for until := time.Now().Add(startTimeout); ; {
		switch {
		case e.log.fatal() != nil:
			return e.log.fatal()
		case e.server.ClusterAddr() != nil && e.server.JetStreamEnabled():
			e.conn, err = e.connect(nodeUser)
			return err
		case time.Now().After(until):
			return errors.New("it says no reason")
		}
		if err := pause.For(ctx, startStep); err != nil {
			return err
		}
	}
}

// startStep is how long a server that starts is left alone.
const startStep = 5 * time.Millisecond

// connect connects to the engine's own server, as one of its users.
func (e *Engine) connect(user string) (*nats.Conn, error) {
	options := append(e.connOptions(), nats.InProcessServer(e.server), nats.UserInfo(user, e.password))
	return nats.Connect("", options...)
}

// awaitOthers waits until there are as many nodes as are needed, and these have chosen
// a leader.
func (e *Engine) awaitOthers(ctx context.Context) error {
	e.config.Logger.Info("joining the cluster", "node", e.config.Node, "listen", e.config.Cluster.Listen,
		"join", strings.Join(e.config.Cluster.Join, ", "))
	for said := time.Now(); ; {
		_, err := e.conn.Request("$JS.API.INFO", nil, time.Second)
		if err == nil && e.server.JetStreamIsCurrent() {
			return nil
		}
		if time.Since(said) > sayEvery {
			said = time.Now()
			e.sayWait(ctx)
		}
		if err := pause.For(ctx, startStep*10); err != nil {
			return err
		}
		if err := cmp.Or(e.log.fatal(), e.log.namesakes()); err != nil {
			return err
		}
	}
}

// sayWait tells what is waited for. Who has nothing yet can't tell whether others have.
func (e *Engine) sayWait(ctx context.Context) {
	connected, others := len(e.connected()), e.config.Cluster.size()-1
	if connected >= others {
		e.config.Logger.Info("the nodes of the cluster are there, and choose which one leads")
		return
	}
	e.config.Logger.Warn("waiting for the other nodes of the cluster: most of them are needed, and all of them when it is made",
		"connected", connected, "others", others, "missing", cmp.Or(e.missing(ctx), "none, they connect"))
}
