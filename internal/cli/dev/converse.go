package dev

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/literal"
	"github.com/taskscheduler/taskscheduler/internal/cli/prompt"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
	"github.com/taskscheduler/taskscheduler/task"
)

// A conversation runs what somebody types.
type conversation struct {
	worker *worker
	out    io.Writer // results
	err    io.Writer // all else
	person bool      // sits at a terminal
	left   bool
}

const help = `Type a task's name and its arguments to call it: numbers, true, false and words as they are, lists and maps as JSON
in quotation marks, a type in front where it must be another ('i64:5', 'bytes:text'). Besides:

    tasks    the tasks that are loaded
    build    compile and load now, whether something has changed or not
    help     this
    exit     leave; so do Ctrl-C and Ctrl-D

A task of such a name is called by its full name, such as hello::build. Ctrl-C while a task runs cancels it.`

// converse reads calls and makes them until there are no more.
func converse(ctx context.Context, o Options, w *worker, screen *prompt.Screen) error {
	c := &conversation{worker: w, out: o.Out, err: screen}
	err := prompt.Run(ctx, prompt.Config{
		In: o.In, Out: o.Out, Err: o.Err,
		Prompt: "dev> ",
		Greet: func(context.Context) (string, error) {
			c.person = true
			return fmt.Sprintf("Working on %s: what changes is built and loaded. Type a task and its arguments; help says more.", o.Folder), nil
		},
		Complete: c.complete, Run: c.run, Left: func() bool { return c.left }, Nested: o.Nested,
		History: "dev_history", InterruptLeaves: true, Screen: screen,
	})
	if err != nil || c.left || c.person {
		return err
	}
	// The end of a file or a pipe: what it is for may be the build alone.
	last, err := w.ready(ctx, false)
	if err == nil && last.err != nil {
		err = &exit.Error{Code: exit.Failed, Err: last.err}
	}
	return err
}

// run runs a line.
func (c *conversation) run(ctx context.Context, words []string) error {
	switch words[0] {
	case "exit", "quit":
		c.left = true
		return nil
	case "help":
		_, err := fmt.Fprintln(c.out, help)
		return err
	}
	last, err := c.worker.ready(ctx, words[0] == "build")
	switch {
	case err != nil:
		return exit.OfCall(task.Errorf(task.Cancelled, "interrupted"))
	case words[0] == "build":
		return last.err // what came of it has been told
	case last.tasks == nil:
		return fmt.Errorf("nothing is loaded yet: %w", last.err)
	case words[0] == "tasks":
		writeTasks(c.out, last.tasks)
		return nil
	}
	if last.err != nil {
		fmt.Fprintf(c.err, "%v: this calls what was loaded before\n", last.err)
	}
	return c.call(ctx, method(words[0], last.tasks), words[1:])
}

// method is a task's full name: the plugin's is added where it is left out.
func method(name string, tasks []client.Description) string {
	if strings.Contains(name, "::") || len(tasks) == 0 {
		return name
	}
	plugin, _, _ := strings.Cut(tasks[0].Method, "::")
	return plugin + "::" + name
}

// call calls a task, and prints its result.
func (c *conversation) call(ctx context.Context, method string, words []string) error {
	args, err := literal.Parse(words, strings.NewReader(""))
	if err != nil {
		return exit.Usagef("%w", err)
	}
	calls := c.worker.host.client
	id, err := calls.Submit(ctx, client.Task{Method: method, Args: args})
	if err != nil {
		return exit.OfCall(err)
	}
	result, err := c.follow(ctx, calls, id)
	if ctx.Err() != nil {
		over, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		_, _, _ = calls.Cancel(over, id) // the end of all ends it as well
		err = task.Errorf(task.Cancelled, "interrupted")
	}
	if err == nil {
		err = result.Err()
	}
	if err != nil {
		return exit.OfCall(err)
	}
	_, err = fmt.Fprintln(c.out, result.Text)
	return err
}

// progressPause is how long after a task's progress was shown it is shown again.
const progressPause = time.Second

// follow waits for a task's end, and tells how far it is, as far as it says so. What it
// logs is in the server's log.
func (c *conversation) follow(ctx context.Context, calls *client.Client, id string) (result client.Result, err error) {
	var shown time.Time
	for event, err := range calls.Watch(ctx, id) {
		switch {
		case err != nil:
			return result, err
		case event.Ended != nil:
			result = *event.Ended
		case event.Progress != nil && time.Since(shown) >= progressPause:
			shown = time.Now()
			_, _ = fmt.Fprintf(c.err, "%3.0f%% %s\n", 100*event.Progress.Fraction, table.Line(event.Progress.Note))
		}
	}
	return result, nil
}

// complete completes the first word of a line.
func (c *conversation) complete(line string, pos int) (completed string, at int, choices []string) {
	head := line[:pos]
	if strings.ContainsAny(head, " \t") {
		return line, pos, nil
	}
	c.worker.mu.Lock()
	tasks := c.worker.current.tasks
	c.worker.mu.Unlock()
	for _, name := range []string{"build", "exit", "help", "tasks"} {
		if strings.HasPrefix(name, head) {
			choices = append(choices, name)
		}
	}
	for _, d := range tasks {
		if _, name, _ := strings.Cut(d.Method, "::"); strings.HasPrefix(name, head) {
			choices = append(choices, name)
		}
	}
	if len(choices) == 1 {
		return choices[0] + " " + line[pos:], len(choices[0]) + 1, nil
	}
	return line, pos, choices
}
