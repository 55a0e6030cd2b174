package coalesce

import (
	"errors"
	"net"
	"time"
)

// Close ends reads and writes at once. What was written before still goes out,
// within lingerTimeout; then the socket is closed.
func (c *Conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.closed = true
	c.writer.End(net.ErrClosed)
	idle := c.writer.Idle()
	select {
	case <-idle:
		defer c.lingering.Done()
		return c.Conn.Close()
	default:
	}
	go func() {
		<-idle
		_ = c.Conn.Close() // the error is too late for anybody
		c.lingering.Done()
	}()
	now := time.Now()
	err := errors.Join(c.Conn.SetReadDeadline(now), c.Conn.SetWriteDeadline(now.Add(lingerTimeout)))
	if c.writer.Failed() {
		return nil // the socket is closed already
	}
	return err
}

// CloseWrite tells the peer that nothing comes after what was written.
func (c *Conn) CloseWrite() error {
	half, ok := c.Conn.(interface{ CloseWrite() error })
	if !ok {
		return errors.ErrUnsupported
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.writer.End(net.ErrClosed)
	idle := c.writer.Idle()
	select {
	case <-idle:
		return half.CloseWrite()
	default:
	}
	c.lingering.Go(func() {
		<-idle
		_ = half.CloseWrite() // a peer that is gone needs not be told
	})
	return nil
}

// SetDeadline bounds reads, and how long a Write waits for room.
func (c *Conn) SetDeadline(t time.Time) error {
	return errors.Join(c.SetReadDeadline(t), c.SetWriteDeadline(t))
}

// SetReadDeadline bounds reads.
func (c *Conn) SetReadDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed // or a reader that Close has woken might sleep again
	}
	return c.Conn.SetReadDeadline(t)
}

// SetWriteDeadline bounds how long a Write waits for room. It does not touch
// what was written before.
func (c *Conn) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return net.ErrClosed
	}
	c.deadline.set(t)
	return nil
}
