package load

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

const (
	streamWindow     = 1 << 20 // what the server may send on a stream before it is told that there is more room
	connectionWindow = 1 << 28
	ownWindow        = 65535 // what a peer may be sent before it says anything
)

// A connection is an HTTP/2 connection to a server. One goroutine works on it.
type connection struct {
	net.Conn

	exchange exchange // what is said on it
	in       []byte   // has come and is not a whole frame yet
	out      []byte   // is to be written

	window     int64 // what may be sent
	initial    int64 // the same for a new stream
	maxStreams int
	settled    bool // the server's settings have come
	unread     uint32

	headers headers
	decoder *hpack.Decoder
	status  string // of the last header block: empty if all is well
}

// An exchange is what a connection's calls do with what comes.
type exchange interface {
	// fill sends what may be sent now.
	fill()
	// data is a piece of a stream's body.
	data(stream uint32, payload []byte)
	// end is a stream's end; status is empty if it is a good one.
	end(stream uint32, status string)
	// grant lets a stream send more.
	grant(stream, increment uint32)
	// idle tells that nothing is in flight.
	idle() bool
}

func newConnection(nc net.Conn, scheme string) *connection {
	c := &connection{Conn: nc, window: ownWindow, initial: ownWindow, maxStreams: 100}
	c.headers = headers{scheme: scheme, authority: nc.RemoteAddr().String(), blocks: map[string][]byte{}}
	c.headers.encoder = hpack.NewEncoder(&c.headers.buffer)
	c.decoder = hpack.NewDecoder(4096, c.readField)
	c.out = append(c.out, http2.ClientPreface...)
	c.out = appendFrame(c.out, http2.FrameSettings, 0, 0, appendSetting(nil, http2.SettingInitialWindowSize, streamWindow))
	c.out = appendWindowUpdate(c.out, 0, connectionWindow)
	return c
}

func (c *connection) readField(field hpack.HeaderField) {
	switch {
	case field.Name == "grpc-status" && field.Value != "0":
		c.status = "grpc-status " + field.Value + " " + c.status
	case field.Name == "grpc-message" && field.Value != "":
		c.status += field.Value
	case field.Name == ":status" && field.Value != "200":
		c.status = "HTTP status " + field.Value
	}
}

// room returns where the next bytes are to be read to.
func (c *connection) room() []byte {
	const least = 64 << 10
	if cap(c.in)-len(c.in) < least {
		c.in = append(make([]byte, 0, 2*len(c.in)+2*least), c.in...)
	}
	return c.in[len(c.in):cap(c.in)]
}

// feed works on n more bytes in room.
func (c *connection) feed(n int) error {
	b := c.in[:len(c.in)+n]
	rest := b
	for {
		f, after, ok := cutFrame(rest)
		if !ok {
			break
		}
		rest = after
		if err := c.handle(f); err != nil {
			return err
		}
	}
	c.in = b[:copy(b, rest)]
	return nil
}

func (c *connection) handle(f frame) error {
	switch f.kind {
	case http2.FrameData:
		return c.handleData(f)
	case http2.FrameHeaders:
		return c.handleHeaders(f)
	case http2.FrameSettings:
		if !f.flags.Has(http2.FlagSettingsAck) {
			c.settle(f.payload)
		}
	case http2.FrameWindowUpdate:
		increment, err := f.number()
		if f.stream != 0 {
			c.exchange.grant(f.stream, increment)
		} else {
			c.window += int64(increment)
		}
		return err
	case http2.FramePing:
		if !f.flags.Has(http2.FlagPingAck) {
			c.out = appendFrame(c.out, http2.FramePing, http2.FlagPingAck, 0, f.payload)
		}
	case http2.FrameRSTStream:
		code, err := f.number()
		c.exchange.end(f.stream, "reset: "+http2.ErrCode(code).String())
		return err
	case http2.FrameGoAway:
		return fmt.Errorf("the server says goodbye: %q", f.payload)
	case http2.FrameContinuation:
		return errShape
	case http2.FramePriority, http2.FramePushPromise, http2.FramePriorityUpdate: // nothing here depends on them
	}
	return nil
}

func (c *connection) handleData(f frame) error {
	if f.flags.Has(http2.FlagDataPadded) {
		return errShape
	}
	c.unread += uint32(len(f.payload)) //nolint:gosec // three bytes of it
	if c.unread > connectionWindow/2 {
		c.out = appendWindowUpdate(c.out, 0, c.unread)
		c.unread = 0
	}
	if len(f.payload) > 0 {
		c.exchange.data(f.stream, f.payload)
	}
	if f.flags.Has(http2.FlagDataEndStream) {
		c.exchange.end(f.stream, "")
	}
	return nil
}

func (c *connection) handleHeaders(f frame) error {
	if !f.flags.Has(http2.FlagHeadersEndHeaders) || f.flags.Has(http2.FlagHeadersPadded|http2.FlagHeadersPriority) {
		return errShape
	}
	c.status = ""
	if _, err := c.decoder.Write(f.payload); err != nil {
		return err
	}
	if err := c.decoder.Close(); err != nil {
		return err
	}
	if f.flags.Has(http2.FlagHeadersEndStream) || c.status != "" {
		c.exchange.end(f.stream, c.status)
	}
	return nil
}

func (c *connection) settle(payload []byte) {
	for ; len(payload) >= 6; payload = payload[6:] {
		value := binary.BigEndian.Uint32(payload[2:])
		switch http2.SettingID(binary.BigEndian.Uint16(payload)) { //nolint:exhaustive // the others don't matter here
		case http2.SettingMaxConcurrentStreams:
			c.maxStreams = int(value)
		case http2.SettingInitialWindowSize:
			c.initial = int64(value)
		}
	}
	c.settled = true
	c.out = appendFrame(c.out, http2.FrameSettings, http2.FlagSettingsAck, 0, nil)
}

// flush writes what there is to write.
func (c *connection) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	_, err := c.Write(c.out)
	c.out = c.out[:0]
	return err
}

// headers are the header blocks of requests. The first of a path tells the
// server's table what the later ones refer to, as real clients do it.
type headers struct {
	scheme, authority string

	encoder *hpack.Encoder
	buffer  bytes.Buffer
	blocks  map[string][]byte // by path: nil for one that was sent once
}

func (h *headers) block(path, contentType string) []byte {
	known, sent := h.blocks[path]
	if known != nil {
		return known
	}
	h.buffer.Reset()
	fields := [...]hpack.HeaderField{
		{Name: ":method", Value: "POST"},
		{Name: ":scheme", Value: h.scheme},
		{Name: ":path", Value: path},
		{Name: ":authority", Value: h.authority},
		{Name: "content-type", Value: contentType},
		{Name: "te", Value: "trailers"},
		{Name: "user-agent", Value: "bench/1"},
	}
	for _, field := range fields {
		_ = h.encoder.WriteField(field) // a buffer takes everything
	}
	block := bytes.Clone(h.buffer.Bytes())
	if sent {
		h.blocks[path] = block
		return block
	}
	for other := range h.blocks { // what was new has moved the others in the table
		h.blocks[other] = nil
	}
	h.blocks[path] = nil
	return block
}
