package cmd

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/cli/flags"
	"github.com/taskscheduler/taskscheduler/internal/cli/logging"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
	"github.com/taskscheduler/taskscheduler/loader"
)

// pluginCommand is about plugins and their files.
type pluginCommand struct {
	New   newPluginCommand `cmd:"" help:"Write the folder of a new plugin."`
	Dev   devCommand       `cmd:"" help:"Build, load and call a plugin while it is being written."`
	Check checkCommand     `cmd:"" help:"Load a plugin's file as the server would, and print its tasks or what is wrong."`
}

// checkCommand tries a plugin's file.
type checkCommand struct {
	File string `arg:"" complete:"file" help:"The file, such as libmath.so or math.wasm."`
	JSON bool   `name:"json" help:"Print one JSON object: ok, plugin, file, sha256, abi, version, doc, tasks, missing_protections, error."`

	PluginDirCheck    bool          `default:"true" negatable:"" help:"Refuse a file that others than its owner and root may write to."`
	PluginLimit       []pluginLimit `placeholder:"LIMITS" help:"What the plugin may use and do, such as '* memory=4GiB network'; may be repeated (see serve --help)."`
	PluginLoadTimeout period        `default:"${plugin_load_timeout}" help:"How long the plugin may take to load."`
}

// Help tells the exit codes.
func (checkCommand) Help() string {
	return `The file is loaded in a process of its own, with the protections that the server applies. What it prints or logs
meanwhile is shown too.

Example:

    task-scheduler plugin check libraries/libmath.so

Exit codes: 0 the server would load it, 1 it would not, 2 wrong usage.`
}

// Run loads the file and prints what it is.
func (c *checkCommand) Run(ctx context.Context, out *output) error {
	every, byName := applyLimits(loader.Limits{}, c.PluginLimit)
	found, err := loader.Check(ctx, c.File, loader.Config{
		Limits:       every,
		PluginLimits: byName,
		LoadTimeout:  time.Duration(c.PluginLoadTimeout),
		DirCheck:     c.PluginDirCheck,
		Logger:       slog.New(logging.Console(out.stderr, flags.InError)),
	})
	err = flags.InError(err)
	if c.JSON {
		if failed := out.json(newCheckReport(found, err)); failed != nil {
			return failed
		}
	}
	switch {
	case err != nil:
		return fmt.Errorf("%s: %s", c.File, table.Line(err.Error()))
	case c.JSON:
		return nil
	default:
		return out.checked(found)
	}
}

// checked prints a plugin for people: what it is, then a line for each task.
func (o *output) checked(found loader.Checked) error {
	t := table.New(o.stdout)
	t.Row("plugin", found.Name)
	t.Row("sha-256", found.SHA256)
	t.Row("abi", found.ABI)
	if found.Version != "" {
		t.Row("version", found.Version)
	}
	if found.Doc != "" {
		t.Row("about", strings.Join(strings.Fields(found.Doc), " "))
	}
	for _, info := range found.Tasks {
		t.Row("task", info.Name, asyncWord(info.Async), info.Signature)
	}
	for _, note := range found.Notes {
		t.Row("not protected", note)
	}
	return t.Flush()
}

// checkReport is what --json prints.
type checkReport struct {
	OK                 bool          `json:"ok"`
	Plugin             string        `json:"plugin,omitempty"`
	File               string        `json:"file"`
	SHA256             string        `json:"sha256,omitempty"`
	ABI                int           `json:"abi,omitempty"`
	Version            string        `json:"version,omitempty"`
	Doc                string        `json:"doc,omitempty"`
	Tasks              []checkedTask `json:"tasks"`
	MissingProtections []string      `json:"missing_protections,omitempty"`
	Error              string        `json:"error,omitempty"`
}

type checkedTask struct {
	Name      string `json:"name"`
	Kind      string `json:"kind"`
	Signature string `json:"signature,omitempty"`
	Doc       string `json:"doc,omitempty"`
}

func newCheckReport(found loader.Checked, err error) checkReport {
	report := checkReport{
		OK: err == nil, Plugin: found.Name, File: found.File, SHA256: found.SHA256, ABI: found.ABI,
		Version: found.Version, Doc: found.Doc,
		Tasks: make([]checkedTask, len(found.Tasks)), MissingProtections: found.Notes,
	}
	for i, info := range found.Tasks {
		report.Tasks[i] = checkedTask{
			Name: info.Name, Kind: asyncWord(info.Async), Signature: info.Signature, Doc: info.Doc,
		}
	}
	if err != nil {
		report.Error = err.Error()
	}
	return report
}

// asyncWord says whether a task keeps a core busy or waits on something.
func asyncWord(async bool) string {
	if async {
		return "async"
	}
	return "sync"
}
