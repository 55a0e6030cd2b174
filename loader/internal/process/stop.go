package process

import (
	"context"
	"errors"
	"time"
)

// Close lets the library shut down and returns when the process is gone. It is
// killed when that takes longer than CloseGrace or when ctx ends. Calls in
// flight fail, so they should have ended before.
func (p *Process) Close(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, p.config.CloseGrace)
	defer cancel()
	if !p.closing.Swap(true) {
		select {
		case <-p.writer.Idle():
		case <-p.exited:
		case <-ctx.Done():
		}
		p.writer.Fail(errClosed)
		_ = p.pipe.Close() // the child reads the end of the stream
	}
	select {
	case <-p.exited:
	case <-ctx.Done():
		p.Kill(errors.New("it was closed and did not end in time"))
		<-p.exited
	}
}

// Exited returns a channel that is closed when the process is gone and nothing
// is left of it.
func (p *Process) Exited() <-chan struct{} { return p.exited }

// ExitError tells why the process ended, with the last lines of its standard
// error. It is nil while the process runs, and after Close went well.
func (p *Process) ExitError() error {
	select {
	case <-p.exited:
	default:
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.failure
}

// Kill ends the process at once, because of reason; the first one stays. It does
// not wait until the process is gone; see Exited.
func (p *Process) Kill(reason error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return
	}
	if p.killed == nil {
		p.killed = reason
	}
	killGroup(p.command.Process)
}

// suspect kills the process if it does not end by itself soon: its pipe has
// ended, which as a rule is the first that is seen of its own end.
func (p *Process) suspect(reason error) {
	const soon = 250 * time.Millisecond
	if !p.closing.Load() {
		time.AfterFunc(soon, func() { p.Kill(reason) })
	}
}
