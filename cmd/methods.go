package cmd

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
	"github.com/taskscheduler/taskscheduler/task"
)

// methodsCommand lists what can be called.
type methodsCommand struct {
	Prefix     string     `arg:"" optional:"" complete:"method" help:"Only those whose names begin so, such as math:: for a plugin's."`
	JSON       bool       `name:"json" help:"Print one JSON object: methods, a list with method, signature, doc, kind, plugin and version of each."`
	Connection connection `embed:""`
}

// Help shows an example, and tells the exit codes.
func (methodsCommand) Help() string {
	return "Examples:\n\n    task-scheduler methods\n    task-scheduler methods math::\n\n" + exit.AskCodesHelp
}

// Run asks the server, once for each method, and prints its answers.
func (m *methodsCommand) Run(ctx context.Context, out *output) error {
	c, err := m.Connection.client()
	if err != nil {
		return err
	}
	defer c.Close()
	list, err := m.list(ctx, c)
	switch {
	case err != nil:
		return out.failed(err, m.JSON)
	case m.JSON:
		return out.json(map[string]any{"methods": list})
	}
	t := table.New(out.stdout)
	t.Row("METHOD", "TAKES AND RETURNS", "ABOUT")
	for _, found := range list {
		t.Row(found.Method, table.OrDash(found.Signature), table.OrDash(firstSentence(found.Doc)))
	}
	return t.Flush()
}

// describedAtOnce is how many methods the server is asked about at a time.
const describedAtOnce = 16

// list describes the methods, in the server's order. One that goes meanwhile is left out.
func (m *methodsCommand) list(ctx context.Context, c *client.Client) ([]methodReport, error) {
	node, err := c.Node(ctx)
	if err != nil {
		return nil, err
	}
	var (
		asking sync.WaitGroup
		slots  = make(chan struct{}, describedAtOnce)
		list   = make([]methodReport, len(node.Methods))
		errs   = make([]error, len(node.Methods))
	)
	for i, name := range node.Methods {
		if !strings.HasPrefix(name, m.Prefix) {
			continue
		}
		slots <- struct{}{}
		asking.Go(func() {
			defer func() { <-slots }()
			found, err := c.Describe(ctx, name)
			if err == nil {
				list[i] = newMethodReport(found)
			} else if task.ErrorOf(err).Code != task.NotFound {
				errs[i] = err
			}
		})
	}
	asking.Wait()
	described := make([]methodReport, 0, len(list))
	for _, found := range list {
		if found.Method != "" {
			described = append(described, found)
		}
	}
	return described, errors.Join(errs...)
}

// firstSentence is as much of what is written about a task as fits a table.
func firstSentence(doc string) string {
	if first, _, more := strings.Cut(doc, ". "); more {
		return first + "."
	}
	return doc
}
