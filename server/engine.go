package server

import (
	"context"
	"errors"
	"fmt"

	"github.com/taskscheduler/taskscheduler/internal/datadir"
	"github.com/taskscheduler/taskscheduler/internal/listen"
	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/store/cached"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
)

// engine returns the settings of what keeps data, but for where.
func (c *Config) engine() nats.Config {
	return nats.Config{
		Sync:       c.Sync == syncAlways,
		MaxMessage: c.MaxMessageBytes,
		TTL:        c.ResultTTL,
		Capacity:   c.ResultCapacity,
		Logger:     c.Logger,
		Lease:      c.Lease,
	}
}

// openDir opens a data directory, and the engine on it.
func openDir(ctx context.Context, cfg *Config) (*data, error) {
	dir, err := datadir.Open(cfg.DataDir)
	if err != nil {
		return nil, fmt.Errorf("Config.DataDir: %w", err)
	}
	if err := dir.Alone(); err != nil {
		return nil, errors.Join(fmt.Errorf("Config.DataDir: %w", err), dir.Close())
	}
	config := cfg.engine()
	config.Dir = dir.Engine()
	return openIn(ctx, cfg, dir, config)
}

// openIn opens an engine that keeps its files in a data directory.
func openIn(ctx context.Context, cfg *Config, dir *datadir.Dir, config nats.Config) (*data, error) {
	space := dir.Watch(cfg.Logger)
	if config.Cluster != nil {
		config.Cluster.Room = func() bool { return !space.Full() }
		config.Cluster.Spent, config.Cluster.Relieve = space.Spent, space.Relieve
		space.Hold()
	}
	d, err := openEngine(ctx, cfg, config)
	if err != nil {
		space.Close()
		return nil, errors.Join(fmt.Errorf("Config.DataDir: %w", err), dir.Close())
	}
	d.space = space
	closeEngine := d.close
	d.close = func() {
		closeEngine()
		d.space.Close()
		if err := dir.Close(); err != nil {
			cfg.Logger.Error("the data directory can't be closed", "error", err)
		}
	}
	return d, nil
}

// openCluster opens a data directory that other nodes have copies of.
func openCluster(ctx context.Context, cfg *Config, node string) (*data, error) {
	trust, err := cfg.clusterTrust()
	if err != nil {
		return nil, err
	}
	if err := cfg.checkClusterKey(); err != nil {
		cfg.Logger.Warn(err.Error())
	}
	if err := vacant("Config.ClusterListen", cfg.ClusterListen); err != nil {
		return nil, err
	}
	dir, err := datadir.Open(cfg.DataDir)
	if err != nil {
		return nil, fmt.Errorf("Config.DataDir: %w", err)
	}
	if node, err = dir.Node(cfg.NodeID, node); err != nil {
		return nil, errors.Join(fmt.Errorf("Config.NodeID: %w", err), dir.Close())
	}
	config := cfg.engine()
	config.Node, config.Dir, config.Before = node, dir.Cluster(), dir.Engine()
	config.Cluster = &nats.Cluster{Listen: cfg.ClusterListen, Join: cfg.ClusterJoin, TLS: trust}
	d, err := openIn(ctx, cfg, dir, config)
	if err != nil {
		return nil, err
	}
	d.node = node
	return d, nil
}

// vacant tells whether an address can be listened at, as what does so later says less.
func vacant(setting, addr string) error {
	listener, err := listen.Open(setting, addr)
	if err != nil {
		return err
	}
	return listener.Close()
}

// openOutside connects to servers that run by themselves.
func openOutside(ctx context.Context, cfg *Config, node string) (*data, error) {
	config := cfg.engine()
	config.Node = node
	config.Outside = cfg.outside()
	d, err := openEngine(ctx, cfg, config)
	if err != nil {
		return nil, fmt.Errorf("Config.NATS: %w", err)
	}
	return d, nil
}

// outside returns the settings for servers that run by themselves.
func (c *Config) outside() *nats.Outside {
	return &nats.Outside{
		URLs: c.NATS, Prefix: c.NATSPrefix, Credentials: c.NATSCredentials, NKey: c.NATSNKey,
		CA: c.NATSCACert, Cert: c.NATSCert, Key: c.NATSKey,
	}
}

func openEngine(ctx context.Context, cfg *Config, config nats.Config) (*data, error) {
	engine, err := nats.Open(ctx, config)
	if err != nil {
		return nil, err
	}
	results, err := cached.New(engine.Results(), cfg.ResultTTL, cfg.ResultMemory)
	if err != nil {
		engine.Close()
		return nil, err
	}
	tasks := queue.New(engine.Log())
	return &data{
		engine: engine, results: results, claims: engine.Claims(), count: engine.Results().Len, queue: tasks,
		largest: engine.MaxOutcome(),
		close: func() {
			tasks.Close()
			if err := engine.Leave(context.Background()); err != nil {
				cfg.Logger.Warn("the other nodes can't be told that this one stops: they notice after Config.Lease", "error", err)
			}
			engine.Close()
		},
	}, nil
}
