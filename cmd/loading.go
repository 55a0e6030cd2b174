package cmd

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
	"github.com/taskscheduler/taskscheduler/task"
)

// onceLoaded makes a call of a task, and makes it again if there was no such task
// because its plugin was dropped a moment ago: the server is asked to describe the
// task, for which it waits while the plugin is being loaded.
func (o *output) onceLoaded(ctx context.Context, c *client.Client, method string, call func() error) error {
	err := call()
	plugin, _, ofPlugin := strings.Cut(method, "::")
	if err == nil || !ofPlugin || task.ErrorOf(err).Code != task.NotFound {
		return err
	}
	told := o.tellSoon("waiting for plugin " + table.ID(plugin) + " to be loaded")
	_, unknown := c.Describe(ctx, method)
	told()
	if unknown != nil {
		return err
	}
	return call()
}

// noticeable is how long a person at a terminal waits without wondering.
const noticeable = 150 * time.Millisecond

// tellSoon prints a note at a terminal, unless it is called off before anybody
// wonders what is going on.
func (o *output) tellSoon(note string) (off func()) {
	if file, ok := o.stderr.(*os.File); !ok || !term.IsTerminal(int(file.Fd())) {
		return func() {}
	}
	told := make(chan struct{})
	timer := time.AfterFunc(noticeable, func() {
		defer close(told)
		fmt.Fprintln(o.stderr, note)
	})
	return func() {
		if !timer.Stop() {
			<-told
		}
	}
}
