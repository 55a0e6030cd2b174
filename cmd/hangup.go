package cmd

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/taskscheduler/taskscheduler/internal/cli/logging"
	"github.com/taskscheduler/taskscheduler/internal/systemd"
	"github.com/taskscheduler/taskscheduler/server"
)

// catchHangUps returns what gets a SIGHUP, which asks a server to read its files
// again and would else end it, as would SIGPIPE: nobody reads the console's lines
// any more, the file's go on.
func catchHangUps() chan os.Signal {
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE) // ignored here, but not in plugins, which would inherit that
	hangUps := make(chan os.Signal, 1)
	signal.Notify(hangUps, syscall.SIGHUP)
	return hangUps
}

// reloadOn reads again what can be read again at each signal, until ctx ends.
func reloadOn(ctx context.Context, hangUps <-chan os.Signal, logs *logging.Logs, srv *server.Server, notifier *systemd.Notifier) {
	for {
		select {
		case <-hangUps:
			logs.Reopen()
			select {
			case <-srv.Ready():
				notifier.Reloading()
				srv.Reload(ctx)
				notifier.Ready()
			default: // whoever waits for the start is not told that it is over
				srv.Reload(ctx)
			}
		case <-ctx.Done():
			return
		}
	}
}
