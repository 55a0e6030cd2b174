package http2

import (
	"errors"
	"io"
	"time"

	"golang.org/x/net/http2"
)

// beforeWait is called by the source when the reader is about to wait for the
// peer: it doesn't while the peer leaves lying what it is owed, and only for so
// long where something has been begun.
func (c *conn) beforeWait() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.out.len() > maxUnsentControl && c.writeErr == nil {
		c.flushed.Wait()
	}
	if must := c.headers.open || !c.sawSettings; must && !c.deadlineSet {
		c.deadlineSet = true
		return c.net.SetReadDeadline(time.Now().Add(c.limits.readHeaderTimeout))
	}
	return nil
}

// arrived lifts the deadline for what had to arrive.
func (c *conn) arrived() {
	if !c.deadlineSet {
		return
	}
	c.deadlineSet = false
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.goingAway < hangUp {
		_ = c.net.SetReadDeadline(time.Time{}) // an error shows in the next read
	}
}

// heard notes a sign of life.
func (c *conn) heard() { c.lastRead.Store(int64(time.Since(c.born))) }

// quiet tells whether nothing is open.
func (c *conn) quiet() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.streams) == 0
}

// readPreface takes what begins every connection.
func (c *conn) readPreface() error {
	var preface [len(http2.ClientPreface)]byte
	for n := 0; n < len(preface); {
		m, err := c.in.Read(preface[n:])
		if err != nil {
			return err
		}
		if string(preface[n:n+m]) != http2.ClientPreface[n:n+m] {
			return http2.ConnectionError(http2.ErrCodeProtocol)
		}
		n += m
	}
	return nil
}

// read reads frames until the connection ends.
func (c *conn) read() error {
	for {
		if !c.in.holdsFrame() {
			c.startPending()
			if c.largest > 2<<10 && !c.headers.open && c.quiet() {
				c.newFramer()
			}
		}
		header, err := c.framer.ReadFrameHeader()
		if err == nil {
			if header.Type == http2.FrameHeaders {
				c.headers.open = true // until all of it is there
			}
			err = c.readPayload(header)
		}
		if err != nil {
			if err = c.tolerate(header, err); err != nil {
				return err
			}
		}
	}
}

// readPayload reads the rest of a frame and does what it says.
func (c *conn) readPayload(header http2.FrameHeader) error {
	if header.Length > maxFrameSize {
		return c.processLarge(header)
	}
	c.largest = max(c.largest, header.Length)
	frame, err := c.framer.ReadFrameForHeader(header)
	if err != nil {
		return err
	}
	return c.process(frame)
}

// tolerate returns what ends the connection, or nil if err only ends a stream.
func (c *conn) tolerate(header http2.FrameHeader, err error) error {
	if wrong, ok := errors.AsType[http2.StreamError](err); ok {
		switch {
		case header.Type == http2.FrameHeaders && c.headers.open:
			return http2.ConnectionError(http2.ErrCodeProtocol) // we don't know what they would have put in the table
		case wrong.StreamID > c.lastSeen:
			return http2.ConnectionError(http2.ErrCodeProtocol) // there is no such stream yet
		}
		c.reset(wrong.StreamID, wrong.Code)
		return c.wastedStream()
	}
	switch {
	case errors.Is(err, http2.ErrFrameTooLarge), errors.Is(err, io.ErrUnexpectedEOF):
		return http2.ConnectionError(http2.ErrCodeFrameSize)
	}
	return err
}

// process does what a frame says.
func (c *conn) process(frame http2.Frame) error {
	settings, isSettings := frame.(*http2.SettingsFrame)
	if !c.sawSettings {
		if !isSettings || settings.IsAck() {
			return http2.ConnectionError(http2.ErrCodeProtocol)
		}
		c.sawSettings = true
		c.arrived()
	}
	if data, ok := frame.(*http2.DataFrame); ok {
		return c.processData(data.StreamID, data.Data(), int(data.Length), data.StreamEnded())
	}
	if reset, ok := frame.(*http2.RSTStreamFrame); !ok || c.pending == nil || reset.StreamID != c.pending.id {
		c.startPending()
	}
	switch frame := frame.(type) {
	case *http2.HeadersFrame:
		return c.processHeaders(frame)
	case *http2.ContinuationFrame:
		return c.processContinuation(frame)
	case *http2.SettingsFrame:
		return c.processSettings(frame)
	case *http2.WindowUpdateFrame:
		return c.processWindowUpdate(frame)
	case *http2.RSTStreamFrame:
		return c.processReset(frame)
	case *http2.PingFrame:
		return c.processPing(frame)
	case *http2.PushPromiseFrame:
		return http2.ConnectionError(http2.ErrCodeProtocol)
	case *http2.PriorityFrame:
		if frame.StreamDep == frame.StreamID {
			return c.selfDependent(frame.StreamID)
		}
	}
	return c.idleFrame(1) // GOAWAY, PRIORITY and what we don't know change nothing
}

// selfDependent answers a stream that claims to depend on itself.
func (c *conn) selfDependent(id uint32) error {
	if id > c.lastSeen {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	return http2.StreamError{StreamID: id, Code: http2.ErrCodeProtocol}
}

func (c *conn) processPing(frame *http2.PingFrame) error {
	if frame.IsAck() {
		if frame.Data == goAwayPing {
			c.lastCall()
		}
		return c.idleFrame(1)
	}
	c.mu.Lock()
	_ = c.frames.WritePing(true, frame.Data)
	c.kick()
	c.mu.Unlock()
	return c.idleFrame(1)
}

func (c *conn) processReset(frame *http2.RSTStreamFrame) error {
	if frame.StreamID > c.lastSeen {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	c.mu.Lock()
	st := c.streams[frame.StreamID]
	err := http2.StreamError{StreamID: frame.StreamID, Code: frame.ErrCode}
	if st != nil {
		st.close(err)
	}
	c.mu.Unlock()
	if st == nil {
		return c.idleFrame(1)
	}
	st.abort(err)
	c.dropPending(st)
	return c.wastedStream()
}

// processSettings takes the client's settings.
func (c *conn) processSettings(frame *http2.SettingsFrame) error {
	if frame.IsAck() {
		return c.idleFrame(1)
	}
	if frame.NumSettings() > 100 { // no client has reason for that
		return errCalm
	}
	if err := c.applySettings(frame); err != nil {
		return err
	}
	return c.idleFrame(10)
}

func (c *conn) applySettings(frame *http2.SettingsFrame) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	window := c.newWindow
	err := frame.ForeachSetting(func(s http2.Setting) error {
		if err := s.Valid(); err != nil {
			return err
		}
		switch s.ID {
		case http2.SettingInitialWindowSize:
			window = int64(s.Val) // once for all streams, however often it stands there
		case http2.SettingHeaderTableSize:
			c.encoder.SetMaxDynamicTableSize(min(s.Val, headerTableSize))
			c.tableChanges++ // the next block will say so
		default: // we push nothing, and send no frame that is too large
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := c.changeWindows(window); err != nil {
		return err
	}
	_ = c.frames.WriteSettingsAck()
	c.kick()
	return nil
}
