package cmd

import (
	"context"
	"strings"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// describeCommand tells what a task takes and does.
type describeCommand struct {
	Method     string     `arg:"" complete:"method" help:"Name of the task."`
	JSON       bool       `name:"json" help:"Print one JSON object: method, signature, doc, kind, plugin, version."`
	Connection connection `embed:""`
}

// Help shows an example, and tells the exit codes.
func (describeCommand) Help() string {
	return "Example:\n\n    task-scheduler describe fibonacci\n\n" + exit.AskCodesHelp
}

// Run asks the server and prints its answer.
func (d *describeCommand) Run(ctx context.Context, out *output) error {
	c, err := d.Connection.client()
	if err != nil {
		return err
	}
	defer c.Close()
	told := out.tellSoon("waiting for the server, which may be loading a plugin")
	found, err := c.Describe(ctx, d.Method)
	told()
	switch {
	case err != nil:
		return exit.Naming(out.failed(err, d.JSON), d.Method, "")
	case d.JSON:
		return out.json(newMethodReport(found))
	}
	t := table.New(out.stdout)
	t.Row("method", found.Method)
	t.Row("signature", table.OrDash(found.Signature))
	if found.Doc != "" {
		t.Row("about", found.Doc)
	}
	t.Row("kind", kindText(found.Async))
	if found.Plugin != "" {
		t.Row("plugin", strings.TrimSpace(found.Plugin+" "+found.Version))
	}
	return t.Flush()
}

func kindText(async bool) string {
	if async {
		return "async: it waits on something"
	}
	return "sync: it keeps a core busy"
}

// methodReport is what --json prints of a task.
type methodReport struct {
	Method    string `json:"method"`
	Signature string `json:"signature,omitempty"`
	Doc       string `json:"doc,omitempty"`
	Kind      string `json:"kind,omitempty"`
	Plugin    string `json:"plugin,omitempty"`
	Version   string `json:"version,omitempty"`
}

func newMethodReport(found client.Description) methodReport {
	return methodReport{
		Method: found.Method, Signature: found.Signature, Doc: found.Doc,
		Kind: asyncWord(found.Async), Plugin: found.Plugin, Version: found.Version,
	}
}
