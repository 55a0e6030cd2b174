package cmd

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
)

// interrupts are the signals that ask the program to end.
type interrupts struct {
	signals chan os.Signal
	stopped chan struct{}

	mu     sync.Mutex
	whole  context.CancelFunc // ends the program's context
	inner  context.CancelFunc // ends that of a command of many, or nil
	asked  bool               // a signal has come; the next one is the last
	ending bool               // it was for the whole program
}

// interruptible returns a context that the first SIGINT or SIGTERM ends. The
// second one ends the process at once.
func interruptible(parent context.Context) (context.Context, *interrupts) {
	ctx, cancel := context.WithCancel(parent)
	i := &interrupts{signals: make(chan os.Signal, 2), stopped: make(chan struct{}), whole: cancel}
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
	case i.asked:
		exitAtOnce(received)
	case received == os.Interrupt && i.inner != nil:
		i.asked = true
		i.inner()
	default:
		i.asked, i.ending = true, true
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
