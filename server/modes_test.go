package server

import (
	"context"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
	"github.com/taskscheduler/taskscheduler/task"
)

// testMode is a variable that says where these tests keep data: all but those that
// keep it somewhere of their own hold for each.
const testMode = "TASK_SCHEDULER_TEST_MODE"

// keepTestData has a server keep its data as testMode says.
func keepTestData(tb testing.TB, cfg *Config) {
	tb.Helper()
	if cfg.DataDir != "" || len(cfg.NATS) > 0 {
		return
	}
	switch mode := os.Getenv(testMode); mode {
	case "", "memory":
	case "disk":
		cfg.DataDir = tb.TempDir()
	case "disk, sync always":
		cfg.DataDir, cfg.Sync = tb.TempDir(), syncAlways
	case "nats":
		cfg.NATS = natstest.Start(tb, 1, natstest.Large).URLs()
	case "nats, three nodes":
		cfg.NATS = natstest.Start(tb, 1, natstest.Large).URLs()
		serveOthers(tb, make([]Config, 2), func(other *Config) { other.NATS = cfg.NATS })
	case "three nodes":
		addrs := []string{natstest.FreeAddr(tb), natstest.FreeAddr(tb), natstest.FreeAddr(tb)}
		cfg.DataDir, cfg.ClusterListen, cfg.ClusterJoin = tb.TempDir(), addrs[0], addrs
		next := 0
		serveOthers(tb, make([]Config, 2), func(other *Config) {
			next++
			other.DataDir, other.ClusterListen, other.ClusterJoin = tb.TempDir(), addrs[next], addrs
		})
	default:
		tb.Fatalf("%s is %q, which is no mode", testMode, mode)
	}
}

// serveOthers serves nodes, which run nothing, until the test ends.
func serveOthers(tb testing.TB, others []Config, change func(*Config)) {
	tb.Helper()
	ctx, stop := context.WithCancel(context.Background())
	var all sync.WaitGroup
	tb.Cleanup(func() {
		stop()
		all.Wait()
	})
	for i := range others {
		cfg := &others[i]
		cfg.Addr, cfg.AdminAddr, cfg.LibraryDir, cfg.Tasks = "127.0.0.1:0", adminOff, tb.TempDir(), new(task.Registry)
		cfg.Logger, cfg.DrainTimeout = slog.New(slog.DiscardHandler), time.Second
		change(cfg)
		serving, over := make(chan (<-chan struct{}), 1), make(chan struct{})
		all.Go(func() {
			defer close(over)
			s, err := ListenContext(ctx, *cfg)
			if err == nil {
				serving <- s.Ready()
				err = s.Serve(ctx)
			}
			if err != nil && ctx.Err() == nil {
				tb.Errorf("one of the other nodes: %v", err)
			}
		})
		if cfg.ClusterListen == "" { // else it waits for the one that these are the others of
			select {
			case ready := <-serving:
				<-ready
			case <-over:
			}
		}
	}
}
