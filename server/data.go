package server

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/taskscheduler/taskscheduler/internal/datadir"
	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/stats/metrics"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/cached"
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
	results store.Store
	count   func() int     // of results
	queue   *queue.Queue   // nil: none
	space   *datadir.Space // nil: none is needed
	close   func()
}

// openData opens what the settings ask for.
func openData(cfg *Config) (*data, error) {
	if cfg.DataDir == "" {
		results, err := memory.New(memory.Config{TTL: cfg.ResultTTL, Capacity: cfg.ResultCapacity, Memory: cfg.ResultMemory})
		if err != nil {
			return nil, fmt.Errorf("can't keep results: %w", err)
		}
		return &data{results: results, count: results.Len, close: results.Close}, nil
	}
	dir, err := datadir.Open(cfg.DataDir)
	if err != nil {
		return nil, fmt.Errorf("Config.DataDir: %w", err)
	}
	d, err := openEngine(cfg, dir)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("Config.DataDir: %w", err), dir.Close())
	}
	return d, nil
}

func openEngine(cfg *Config, dir *datadir.Dir) (*data, error) {
	engine, err := nats.Open(context.Background(), nats.Config{
		Dir:        dir.Engine(),
		Sync:       cfg.Sync == syncAlways,
		MaxMessage: cfg.MaxMessageBytes,
		TTL:        cfg.ResultTTL,
		Capacity:   cfg.ResultCapacity,
		Logger:     cfg.Logger,
	})
	if err != nil {
		return nil, err
	}
	results, err := cached.New(engine.Results(), cfg.ResultTTL, cfg.ResultMemory)
	if err != nil {
		engine.Close()
		return nil, err
	}
	tasks := queue.New(engine.Log())
	space := dir.Watch(cfg.Logger)
	return &data{results: results, count: engine.Results().Len, queue: tasks, space: space, close: func() {
		tasks.Close()
		engine.Close()
		space.Close()
		if err := dir.Close(); err != nil {
			cfg.Logger.Error("the data directory can't be closed", "error", err)
		}
	}}, nil
}

// restore submits the tasks that a process before this one has accepted, and has
// not run to their end.
func (s *Server) restore(ctx context.Context) error {
	if s.data.queue == nil {
		return nil
	}
	n, err := service.Restore(ctx, s.scheduler)
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("the tasks in Config.DataDir can't be read: %w", err)
	}
	if n > 0 {
		s.config.Logger.Info("tasks that were accepted before go on", "tasks", n)
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

// usage returns what tells how much there is; nil in memory.
func (d *data) usage() func() metrics.Data {
	if d.queue == nil {
		return nil
	}
	return func() metrics.Data {
		u := d.queue.Usage()
		return metrics.Data{
			Tasks: u.Tasks, Records: u.Records, Waiting: u.Waiting,
			DiskFree: d.space.Free(), Full: d.space.Full(),
		}
	}
}
