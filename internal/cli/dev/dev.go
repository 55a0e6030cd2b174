// Package dev works on a plugin's folder: it builds when a source changes, has a
// server of its own load what was built, shows the server's log, and calls what
// somebody types.
package dev

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"

	"github.com/taskscheduler/taskscheduler/internal/cli/prompt"
	"github.com/taskscheduler/taskscheduler/loader"
)

// Options say what to work on. All fields must be set, but for
// Build, Library and the limits.
type Options struct {
	// Folder is the plugin's. Its plugin.toml says how it is built, unless Build and
	// Library do.
	Folder         string
	Build, Library string
	// Limits are what the plugin may use and do, unless LimitsByName has it.
	Limits       loader.Limits
	LimitsByName map[string]loader.Limits

	// In is where calls are read, Out where results go, Err where all else goes.
	In       io.Reader
	Out, Err io.Writer
	// Log returns what writes the server's log to a writer.
	Log func(io.Writer) slog.Handler
	// Nested is as in [prompt.Config].
	Nested func(context.Context) (ctx context.Context, done func())
}

// Run works on a folder until somebody leaves, what is read has ended, or ctx
// does. Then it has ended what it started, and removed what it wrote.
func Run(ctx context.Context, o Options) (err error) {
	m, err := readManifest(o.Folder, o.Build, o.Library)
	if err != nil {
		return err
	}
	temporary, err := os.MkdirTemp("", "task-scheduler-dev-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
	screen := prompt.NewScreen(o.Err)
	err = serve(ctx, temporary, o, slog.New(aboutPlugin{o.Log(screen)}), func(h *host) error {
		ctx, stop := context.WithCancel(ctx)
		w := newWorker(o.Folder, m, h, screen)
		working := make(chan struct{})
		go func() {
			defer close(working)
			w.work(ctx)
		}()
		defer func() {
			stop()
			<-working
		}()
		return converse(ctx, o, w, screen)
	})
	if ctx.Err() != nil {
		return nil // how one ends this
	}
	return err
}
