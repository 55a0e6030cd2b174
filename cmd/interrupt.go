package cmd

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
)

// sameSignal is how long after a SIGTERM another one is the same.
const sameSignal = time.Second

// interrupts are the signals that ask the program to end.
type interrupts struct {
	signals chan os.Signal
	stopped chan struct{}
	exit    func(os.Signal) // ends the process

	mu     sync.Mutex
	whole  context.CancelFunc // ends the program's context
	inner  context.CancelFunc // ends that of a command of many, or nil
	asked  bool               // a signal has come; the next one is the last
	first  time.Time          // when SIGTERM came
	ending bool               // it was for the whole program
}

// interruptible returns a context that the first SIGINT or SIGTERM ends. The
// second one ends the process at once, unless it is a SIGTERM that follows
// another within a second.
func interruptible(parent context.Context) (context.Context, *interrupts) {
	ctx, cancel := context.WithCancel(parent)
	i := &interrupts{signals: make(chan os.Signal, 2), stopped: make(chan struct{}), exit: exitAtOnce, whole: cancel}
	signal.Notify(i.signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		for {
			select {
			case received := <-i.signals:
				i.handle(received)
			case <-i.stopped:
				return
			}
		}
	}()
	return ctx, i
}

// nested returns a context for one command of many: until done is called, an
// interrupt ends this context and not the program's.
func (i *interrupts) nested(parent context.Context) (ctx context.Context, done func()) {
	ctx, cancel := context.WithCancel(parent)
	i.mu.Lock()
	defer i.mu.Unlock()
	i.inner = cancel
	return ctx, func() {
		cancel()
		i.mu.Lock()
		defer i.mu.Unlock()
		i.inner, i.asked = nil, i.ending
	}
}

func (i *interrupts) handle(received os.Signal) {
	i.mu.Lock()
	defer i.mu.Unlock()
	switch {
	case received == syscall.SIGTERM && i.ending && time.Since(i.first) < sameSignal:
		// timeout(1) and some supervisors send it to the process and to its group.
	case i.asked:
		i.exit(received)
	case received == os.Interrupt && i.inner != nil:
		i.asked = true
		i.inner()
	default:
		i.asked, i.ending = true, true
		if received == syscall.SIGTERM {
			i.first = time.Now()
		}
		i.whole()
	}
}

func exitAtOnce(received os.Signal) {
	slog.Default().Warn("second signal: exiting at once", "signal", received.String())
	os.Exit(exit.Interrupted)
}

// stop gives the signals back, and ends the context.
func (i *interrupts) stop() {
	signal.Stop(i.signals)
	i.whole()
	close(i.stopped)
}
