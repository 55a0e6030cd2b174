package cmd

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

// exitInterrupted is what shells call the end by an interrupt: 128 + SIGINT.
const exitInterrupted = 130

// interruptible returns a context that the first SIGINT or SIGTERM ends. The
// second one ends the process at once. stop gives the signals back.
func interruptible(parent context.Context) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		select {
		case <-signals:
			cancel()
		case <-done:
			return
		}
		select {
		case again := <-signals:
			slog.Default().Warn("second signal: exiting at once", "signal", again.String())
			os.Exit(exitInterrupted)
		case <-done:
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel()
		close(done)
	}
}
