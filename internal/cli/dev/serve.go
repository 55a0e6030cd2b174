package dev

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// A host is a server of its own, for one plugin.
type host struct {
	libraries string
	client    *client.Client
	admin     *admin.Client
	loads     chan admin.Event // how each load has ended
}

// stopGrace is how long calls may go on when all is to end.
const stopGrace = time.Second

// serve runs a server with its files in folder, until ctx ends, and has use work with
// it meanwhile. Its log goes to logger.
func serve(ctx context.Context, folder string, o Options, logger *slog.Logger, use func(*host) error) error {
	h := &host{libraries: filepath.Join(folder, "libraries"), loads: make(chan admin.Event, 1)}
	if err := os.Mkdir(h.libraries, 0o700); err != nil {
		return err
	}
	s, err := server.Listen(server.Config{
		Tasks: new(task.Registry), Addr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0",
		LibraryDir: h.libraries, PluginTempDir: folder, PluginLimits: o.Limits, PluginLimitsByName: o.LimitsByName,
		DrainTimeout: stopGrace, PluginDrainTimeout: stopGrace, Logger: logger, Version: "plugin dev",
	})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	err = h.connect(ctx, s, use)
	stop()
	return cmp.Or(err, <-served)
}

// connect has use work with the server, once it tells what becomes of plugins.
func (h *host) connect(ctx context.Context, s *server.Server, use func(*host) error) (err error) {
	if h.client, err = client.New(client.Config{Addr: s.Addr().String()}); err != nil {
		return err
	}
	defer h.client.Close()
	if h.admin, err = admin.New(admin.Config{Addr: s.AdminAddr().String()}); err != nil {
		return err
	}
	defer h.admin.Close()
	ctx, cancel := context.WithCancel(ctx)
	watching, watched := make(chan struct{}), make(chan error, 1)
	defer func() {
		cancel()
		<-watched //nolint:errcheck // it is over because of that
	}()
	go func() { watched <- h.admin.Watch(ctx, loadKinds, func() { close(watching) }, h.note) }()
	select {
	case <-watching:
		return use(h)
	case err := <-watched:
		watched <- err
		return cmp.Or(err, ctx.Err())
	}
}

// load has the server load a copy of a library, and returns its tasks.
func (h *host) load(ctx context.Context, library string) (reloaded bool, tasks []client.Description, err error) {
	select {
	case <-h.loads:
	default:
	}
	if err := replace(filepath.Join(h.libraries, filepath.Base(library)), library); err != nil {
		return false, nil, err
	}
	var loaded admin.Event
	select {
	case loaded = <-h.loads:
	case <-ctx.Done():
		return false, nil, ctx.Err()
	}
	if loaded.Kind == loadFailed {
		return false, nil, errors.New(loaded.Message)
	}
	plugins, err := h.admin.Plugins(ctx)
	if err != nil {
		return false, nil, err
	}
	tasks = []client.Description{}
	for _, p := range plugins {
		for _, name := range p.Tasks {
			description, err := h.client.Describe(ctx, name)
			if err != nil {
				return false, nil, err
			}
			tasks = append(tasks, description)
		}
	}
	return loaded.Kind == reloadedKind, tasks, nil
}

// How a load can end.
const (
	loadedKind   = "plugin_loaded"
	reloadedKind = "plugin_reloaded"
	loadFailed   = "plugin_load_failed"
)

var loadKinds = []string{loadedKind, reloadedKind, loadFailed}

// note keeps the newest event for load.
func (h *host) note(e admin.Event) error {
	select {
	case <-h.loads: // of something that nobody waited for
	default:
	}
	h.loads <- e
	return nil
}

// replace puts a copy of a file in the place of another in one step.
func replace(to, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	temporary := to + ".new" // the server takes it for no plugin
	target, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	if err := errors.Join(err, target.Close()); err != nil {
		return err
	}
	return os.Rename(temporary, to)
}

// title is a task as people read it: its name without the plugin's, and its
// signature.
func title(d client.Description) string {
	_, name, _ := strings.Cut(d.Method, "::")
	if d.Signature == "" {
		return name + " (no signature)"
	}
	return fmt.Sprintf("%s%s", name, d.Signature)
}
