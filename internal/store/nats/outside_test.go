package nats_test

import (
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/queue/queuetest"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
	"github.com/taskscheduler/taskscheduler/internal/store/storetest"
)

// large has servers that take messages as large as the suite's.
var large = natstest.Large

func outside(servers *natstest.Cluster, prefix, node string) nats.Config {
	return nats.Config{
		Outside: &nats.Outside{URLs: servers.URLs(), Prefix: prefix}, Node: node, Lease: 10 * time.Second,
		MaxMessage: 5 << 20, TTL: time.Hour, Capacity: 1_000_000, Logger: slog.New(slog.DiscardHandler),
	}
}

func TestOutsideConformance(t *testing.T) {
	for _, servers := range []int{1, 3} {
		t.Run(fmt.Sprint(servers, " servers"), func(t *testing.T) {
			cluster := natstest.Start(t, servers, large)
			n := 0
			prefix := func() string { n++; return fmt.Sprint("p", n) }
			t.Run("store", func(t *testing.T) {
				storetest.Run(t, func(t *testing.T) store.Store {
					t.Helper()
					return open(t, outside(cluster, prefix(), "a")).Results()
				})
			})
			t.Run("claims", func(t *testing.T) {
				storetest.RunClaims(t, func(t *testing.T, nodes int) []storetest.Node {
					t.Helper()
					return openNodes(t, cluster, prefix(), nodes)
				})
			})
			t.Run("queue", func(t *testing.T) {
				queuetest.Run(t, func(t *testing.T) queuetest.Opener {
					t.Helper()
					c := outside(cluster, prefix(), "a")
					return func() (queue.Log, func()) {
						engine, err := nats.Open(t.Context(), c)
						if err != nil {
							t.Fatal(err)
						}
						return engine.Log(), engine.Close
					}
				})
			})
		})
	}
}

// openNodes opens so many nodes that share what the servers keep.
func openNodes(t *testing.T, cluster *natstest.Cluster, prefix string, n int) []storetest.Node {
	t.Helper()
	nodes := make([]storetest.Node, n)
	for i := range nodes {
		name := fmt.Sprint("node ", i)
		engine := open(t, outside(cluster, prefix, name))
		nodes[i] = storetest.Node{Store: engine.Results(), Claims: engine.Claims(), Name: name}
	}
	return nodes
}
