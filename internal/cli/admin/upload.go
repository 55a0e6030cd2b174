package admin

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/flags"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// pluginCommand shows one plugin.
type pluginCommand struct {
	Name string `arg:"" complete:"plugin" help:"The plugin's name: math for libmath.so."`
}

// Run asks the server and prints its answer.
func (p *pluginCommand) Run(ctx context.Context, s *Session) error {
	plugin, err := s.Client.Plugin(ctx, p.Name)
	plugin.LastError = flags.In(plugin.LastError)
	return s.show(err, plugin, func(t *table.Table) {
		t.Row("name", plugin.Name)
		t.Row("file", plugin.File)
		t.Row("state", plugin.State)
		t.Row("tasks", len(plugin.Tasks))
		t.Row("memory", table.Size(plugin.MemoryBytes))
		t.Row("restarts", plugin.Restarts)
		t.Row("last error", table.OrDash(plugin.LastError))
		for _, v := range plugin.Versions {
			t.Row("version", versionText(v))
		}
		for _, line := range plugin.Lines {
			t.Row("log", fmt.Sprintf("%s %-5s %s", clockTime(line.Time), line.Level, line.Text))
		}
	})
}

// versionText is what there is to say of a version.
func versionText(v admin.PluginVersion) string {
	text := fmt.Sprintf("%s  %s  %s", v.SHA256[:min(shortHash, len(v.SHA256))], table.Time(v.LoadedAt), table.Size(v.Bytes))
	if v.Version != "" {
		text += "  " + v.Version
	}
	switch {
	case v.Serving:
		text += "  serving"
	case v.Kept:
		text += "  kept"
	}
	return text
}

// uploadCommand brings a plugin in.
type uploadCommand struct {
	File   string `arg:"" type:"existingfile" complete:"file" help:"The plugin's file; its name stays."`
	DryRun bool   `help:"Only let the server look at it."`
}

// Run sends the file and prints what the plugin is then.
func (u *uploadCommand) Run(ctx context.Context, s *Session) error {
	content, err := os.ReadFile(u.File)
	if err != nil {
		return exit.Usagef("%w", err)
	}
	plugin, err := s.Client.UploadPlugin(ctx, filepath.Base(u.File), content, u.DryRun)
	if u.DryRun {
		return s.say(err, plugin, fmt.Sprintf("%s would be the plugin %s", plugin.File, plugin.Name))
	}
	return s.plugins([]admin.Plugin{plugin}, err)
}

// revertCommand brings a version back.
type revertCommand struct {
	Name   string `arg:"" complete:"plugin" help:"The plugin's name: math for libmath.so."`
	SHA256 string `name:"sha256" placeholder:"HASH" help:"The version's, in full (default: the one before)."`
}

// Run brings it back and prints what the plugin is then.
func (r *revertCommand) Run(ctx context.Context, s *Session) error {
	plugin, err := s.Client.RevertPlugin(ctx, r.Name, r.SHA256)
	return s.plugins([]admin.Plugin{plugin}, err)
}
