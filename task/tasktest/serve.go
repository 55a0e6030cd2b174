package tasktest

import (
	"cmp"
	"context"
	"log/slog"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// Serve runs a server in the test's process, on no port, until the test ends, and
// returns a client of it. cfg may be empty: the server has the tasks that are
// registered, and no plugins, no port for operators and little patience with what
// runs at its end. It logs to the test's output from warnings on.
func Serve(t testing.TB, cfg server.Config) *client.Client {
	t.Helper()
	listener := newMemory()
	cfg.Listener = listener
	cfg.AdminAddr = cmp.Or(cfg.AdminAddr, "off")
	cfg.NodeID = cmp.Or(cfg.NodeID, "test")
	cfg.DrainTimeout = cmp.Or(cfg.DrainTimeout, time.Millisecond)
	cfg.LibraryDir = cmp.Or(cfg.LibraryDir, filepath.Join(t.TempDir(), "none"))
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	}
	s, err := server.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(client.Config{Addr: "memory:1", Dial: listener.dial, BackoffBase: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	t.Cleanup(func() {
		c.Close()
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return c
}

// Fake returns a client of a server that has these tasks and no others, until the
// test ends: for tests of programs that call tasks. Each is a function that
// [task.Sync] or [task.Async] would take, which may write down how it was called; an
// error, which the task always fails with; or any other value, which it always
// returns, whatever its arguments are.
func Fake(t testing.TB, tasks map[string]any) *client.Client {
	t.Helper()
	registry := new(task.Registry)
	for name, fake := range tasks {
		made, err := fakeOf(name, fake)
		if err == nil {
			err = registry.Add(made)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return Serve(t, server.Config{Tasks: registry})
}

func fakeOf(name string, fake any) (*task.Task, error) {
	if f := reflect.TypeOf(fake); f != nil && f.Kind() == reflect.Func {
		return newTask(fake, task.Name(name))
	}
	failure, fails := fake.(error)
	var v task.Value
	if !fails {
		var err error
		if v, err = task.ValueOf(fake); err != nil {
			return nil, err
		}
	}
	return task.NewSync(func([]task.Value) (task.Value, error) { return v, failure }, task.Name(name))
}
