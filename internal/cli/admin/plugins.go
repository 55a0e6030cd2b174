package admin

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/internal/cli/flags"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// pluginsCommand lists plugins.
type pluginsCommand struct{}

// Run asks the server and prints its answer.
func (pluginsCommand) Run(ctx context.Context, s *Session) error {
	plugins, err := s.Client.Plugins(ctx)
	return s.plugins(plugins, err)
}

// loadCommand loads a plugin.
type loadCommand struct {
	Name string `arg:"" complete:"plugin" help:"The plugin's name: math for libmath.so."`
}

// Run loads it and prints what it is then.
func (l *loadCommand) Run(ctx context.Context, s *Session) error {
	plugin, err := s.Client.LoadPlugin(ctx, l.Name)
	return s.plugins([]admin.Plugin{plugin}, err)
}

// unloadCommand unloads a plugin.
type unloadCommand struct {
	Name string `arg:"" complete:"plugin" help:"The plugin's name: math for libmath.so."`
}

// Run unloads it and prints what it is then.
func (u *unloadCommand) Run(ctx context.Context, s *Session) error {
	plugin, err := s.Client.UnloadPlugin(ctx, u.Name)
	return s.plugins([]admin.Plugin{plugin}, err)
}

// reloadCommand starts plugins anew.
type reloadCommand struct {
	Name string `arg:"" optional:"" complete:"plugin" help:"The plugin's name (default: all of them)."`
}

// Run reloads and prints what the plugins are then. One of all that could not
// be reloaded is a failure.
func (r *reloadCommand) Run(ctx context.Context, s *Session) error {
	plugins, err := s.Client.ReloadPlugins(ctx, r.Name)
	if err = s.plugins(plugins, err); err != nil {
		return err
	}
	failed := 0
	for _, p := range plugins {
		if p.LastError != "" {
			failed++
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d plugins could not be reloaded", failed, len(plugins))
	}
	return nil
}

// shortHash is how much of a hash is shown to people; the whole is in the JSON.
const shortHash = 12

func (s *Session) plugins(plugins []admin.Plugin, err error) error {
	for i := range plugins {
		plugins[i].LastError = flags.In(plugins[i].LastError)
	}
	return s.show(err, map[string]any{"plugins": plugins}, func(t *table.Table) {
		t.Row("NAME", "STATE", "FILE", "SHA-256", "TASKS", "PID", "MEMORY", "RESTARTS", "LOADED")
		for _, p := range plugins {
			pid, memory := "-", "-"
			if p.PID != 0 {
				pid, memory = strconv.Itoa(p.PID), table.Size(p.MemoryBytes)
			}
			t.Row(p.Name, p.State, p.File, table.OrDash(p.SHA256[:min(shortHash, len(p.SHA256))]), len(p.Tasks),
				pid, memory, p.Restarts, table.Time(p.LoadedAt))
		}
		for _, p := range plugins {
			about := "plugin " + p.Name + ": "
			if p.LastError != "" {
				t.Below(about + strings.TrimPrefix(p.LastError, about)) // it may say so itself
			}
			for _, missing := range p.MissingProtections {
				t.Below(about + "not protected: " + missing)
			}
		}
	})
}
