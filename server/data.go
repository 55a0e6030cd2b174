package server

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/datadir"
	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/stats/metrics"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/memory"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/service"
)

// Values of Config.Sync.
const (
	syncInterval = "interval"
	syncAlways   = "always"
)

// data is where outcomes of tasks are kept, and accepted tasks if they are to
// outlive the process.
type data struct {
	engine  *nats.Engine // nil: they are in memory
	node    string       // id that the data directory has for this node; empty: any
	results store.Store
	claims  store.Claims   // nil: no other node shares them
	count   func() int     // of results
	queue   *queue.Queue   // nil: none
	space   *datadir.Space // nil: none is needed
	largest int            // outcome that can be kept; 0: any
	close   func()
}

// openData opens what the settings ask for.
func openData(ctx context.Context, cfg *Config, node string) (*data, error) {
	switch {
	case len(cfg.NATS) > 0:
		return openOutside(ctx, cfg, node)
	case cfg.ClusterListen != "":
		return openCluster(ctx, cfg, node)
	case cfg.DataDir != "":
		return openDir(ctx, cfg)
	}
	results, err := memory.New(memory.Config{TTL: cfg.ResultTTL, Capacity: cfg.ResultCapacity, Memory: cfg.ResultMemory})
	if err != nil {
		return nil, fmt.Errorf("can't keep results: %w", err)
	}
	return &data{results: results, count: results.Len, close: results.Close}, nil
}

// restore submits the tasks that a process before this one has accepted, and has
// not run to their end.
func (s *Server) restore(ctx context.Context) error {
	if s.data.queue == nil {
		return nil
	}
	n, err := s.scheduler.Restore(ctx, service.Decode)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the tasks in Config.DataDir can't be read: %w", err)
	}
	if n > 0 {
		s.config.Logger.Info("tasks that were accepted before go on", "tasks", n)
	}
	if err == nil {
		s.takeOver()
	}
	return nil
}

// checkData finds what is wrong with the settings for data.
func (c *Config) checkData() error {
	switch {
	case !slices.Contains([]string{"", syncInterval, syncAlways}, c.Sync):
		return fmt.Errorf("Config.Sync %q is unknown: choose %s or %s", c.Sync, syncInterval, syncAlways)
	case c.Sync == syncAlways && c.DataDir == "":
		return errors.New("Config.Sync needs Config.DataDir: in memory nothing is synced")
	case c.Lease < time.Second:
		return fmt.Errorf("Config.Lease is %s: a second is the least", c.Lease)
	case c.DataDir != "" && c.MaxMessageBytes > nats.LargestMessage:
		return fmt.Errorf("Config.MaxMessageBytes is %d; with Config.DataDir it may be at most %d", c.MaxMessageBytes, nats.LargestMessage)
	}
	return nil
}

// full returns what tells that nothing more can be stored; nil where nothing is.
func (d *data) full() func() bool {
	if d.space == nil {
		return nil
	}
	return d.space.Full
}

// reach returns what says that too few nodes are reached; nil where there are none.
func (d *data) reach() func() string {
	if d.engine == nil {
		return nil
	}
	return d.engine.Reach
}

// usage returns what tells how much there is; nil in memory.
func (d *data) usage() func() metrics.Data {
	if d.queue == nil {
		return nil
	}
	return func() metrics.Data {
		u := d.queue.Usage()
		now := metrics.Data{Tasks: u.Tasks, Records: u.Records, Waiting: u.Waiting}
		if d.space != nil {
			now.DiskFree, now.Full = d.space.Free(), d.space.Full()
		}
		return now
	}
}

// maxResultBytes is how large a result may be: an answer has to take it, and what
// keeps it.
func (s *Server) maxResultBytes() int {
	most := max(s.config.MaxMessageBytes-answerOverhead, 1)
	if s.data.largest > 0 {
		most = min(most, s.data.largest)
	}
	return most
}
