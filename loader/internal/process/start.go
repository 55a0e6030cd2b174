package process

import (
	"context"
	"errors"
	"fmt"

	"github.com/taskscheduler/taskscheduler/loader/internal/child"
)

// Start starts a child process and waits until it has loaded its file and has
// answered once. ctx bounds the start only. An error names the plugin and tells
// what is wrong; nothing is left of the process then.
//
// The binary's main must have called [child.Main] before, so that a child gets
// to it.
func Start(ctx context.Context, config Config) (*Process, error) {
	if !child.Linked() {
		return nil, errors.New("this binary can't run plugins: its main must call server.BecomePlugin first")
	}
	config = config.withDefaults()
	p := &Process{config: config, loaded: make(chan error, 1), exited: make(chan struct{})}
	ctx, cancel := context.WithTimeoutCause(ctx, config.LoadTimeout,
		fmt.Errorf("it did not load within %s", config.LoadTimeout))
	defer cancel()
	err := p.spawn()
	if err != nil {
		return nil, fmt.Errorf("plugin %s: starting its process: %w", config.Name, err)
	}
	if err = p.awaitLoad(ctx); err == nil {
		return p, nil
	}
	p.Kill(err)
	<-p.exited
	return nil, fmt.Errorf("plugin %s: %w", config.Name, err)
}

// awaitLoad returns when the child has told its tasks and has answered once.
func (p *Process) awaitLoad(ctx context.Context) error {
	select {
	case err := <-p.loaded:
		if err != nil {
			return err
		}
	case <-p.exited:
		return p.loadFailure()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	if p.ping(ctx) == nil {
		return nil
	}
	// It is ending, and how is known only when it is gone.
	select {
	case <-p.exited:
		return p.loadFailure()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p *Process) loadFailure() error {
	select {
	case err := <-p.loaded: // what it said before it ended
		if err != nil {
			return err
		}
	default:
	}
	return fmt.Errorf("while loading, %w", p.ExitError())
}
