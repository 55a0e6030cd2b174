// Package systemd tells the service manager that has started the process how it
// is, by systemd's protocol sd_notify, which others speak too. Nothing is told
// where there is none.
package systemd

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"
)

// A Notifier tells how the process is. Its methods may be called from many
// goroutines at a time, and do nothing without a service manager.
type Notifier struct {
	logger   *slog.Logger
	watchdog time.Duration // how soon the service manager gives up; 0: never
	failed   sync.Once
}

// NewNotifier returns one that tells whom the environment names.
func NewNotifier(logger *slog.Logger) *Notifier {
	n := &Notifier{logger: logger}
	var err error
	if n.watchdog, err = daemon.SdWatchdogEnabled(false); err != nil {
		logger.Warn("the service manager's watchdog isn't fed: it can't be read how often", "error", err)
	}
	return n
}

// Ready says that the process does its work, now or again.
func (n *Notifier) Ready() { n.tell(daemon.SdNotifyReady) }

// Reloading says that files are read again, until Ready is called.
func (n *Notifier) Reloading() { n.tell(daemon.SdNotifyReloading, daemon.SdNotifyMonotonicUsec()) }

// Stopping says that the process ends, and how long that may take.
func (n *Notifier) Stopping(within time.Duration) {
	n.tell(daemon.SdNotifyStopping, "EXTEND_TIMEOUT_USEC="+strconv.FormatInt(within.Microseconds(), 10))
}

// statusPeriod is how often the status is told at least.
const statusPeriod = 10 * time.Second

// Watch tells the status that check returns, until ctx ends, and that the process
// is well as long as check returns one, in time and without an error.
func (n *Notifier) Watch(ctx context.Context, check func(context.Context) (status string, err error)) {
	const timesADeadline = 2
	period := statusPeriod
	if n.watchdog > 0 {
		period = min(period, n.watchdog/timesADeadline)
	}
	ticker := time.NewTicker(period)
	defer ticker.Stop()
	for {
		if status, err := check(ctx); err != nil {
			n.tell("STATUS=" + oneLine(err.Error()))
		} else {
			n.tell("STATUS="+oneLine(status), daemon.SdNotifyWatchdog)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

func (n *Notifier) tell(assignments ...string) {
	for i, each := range assignments {
		assignments[i] = strings.TrimSpace(each)
	}
	if _, err := daemon.SdNotify(false, strings.Join(assignments, "\n")); err != nil {
		n.failed.Do(func() { n.logger.Warn("the service manager can't be told how the server is", "error", err) })
	}
}

// oneLine keeps a text within its assignment.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
