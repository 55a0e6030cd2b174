package http2

import (
	"errors"
	"net/http"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

var errMalformed = errors.New("malformed header field")

// A headerReader decodes header blocks, one at a time.
type headerReader struct {
	decoder *hpack.Decoder
	limit   int // of what size counts
	most    int // bytes of a block
	names   nameCache
	again   again

	open      bool   // a block has begun and not ended
	block     []byte // of several frames
	stream    uint32
	endStream bool
	selfish   bool // the stream claims to depend on itself

	pseudo     pseudoFields
	fields     []hpack.HeaderField // regular ones
	size       int                 // as SETTINGS_MAX_HEADER_LIST_SIZE counts
	tooLarge   bool
	malformed  error
	sawRegular bool
}

// pseudoFields are those that a request may have.
type pseudoFields struct{ method, scheme, authority, path string }

func (h *headerReader) init(l *limits) {
	h.limit, h.most = l.headerList, l.block
	h.decoder = hpack.NewDecoder(headerTableSize, h.emit)
	h.decoder.SetMaxStringLength(2 * l.block) // the size counts in emit
}

// processHeaders begins a header block.
func (c *conn) processHeaders(frame *http2.HeadersFrame) error {
	h := &c.headers
	h.stream, h.endStream = frame.StreamID, frame.StreamEnded()
	h.selfish = frame.HasPriority() && frame.Priority.StreamDep == frame.StreamID
	if frame.HeadersEnded() {
		return c.processBlock(frame.HeaderBlockFragment())
	}
	h.block = append(h.block[:0], frame.HeaderBlockFragment()...)
	return nil
}

// processContinuation adds to it.
func (c *conn) processContinuation(frame *http2.ContinuationFrame) error {
	h := &c.headers
	h.block = append(h.block, frame.HeaderBlockFragment()...)
	return c.continueBlock(frame.FrameHeader, frame.HeadersEnded())
}

// continueBlock goes by how much of a block there is after that frame.
func (c *conn) continueBlock(frame http2.FrameHeader, ended bool) error {
	h := &c.headers
	if len(h.block) > h.most {
		return errCalm
	}
	if !ended {
		if frame.Length < 1<<10 {
			return c.idleFrame(10)
		}
		return c.idleFrame(1)
	}
	err := c.processBlock(h.block)
	if cap(h.block) > maxFrameSize {
		h.block = nil
	}
	return err
}

// processBlock decodes a block that is complete. That must be done whatever
// becomes of the stream: it may change the table for all that follow.
func (c *conn) processBlock(block []byte) error {
	h := &c.headers
	known := h.again.is(block) && h.stream%2 == 1 && h.stream > c.lastSeen && !h.endStream && !h.selfish
	if !known {
		if err := h.decode(block); err != nil {
			return http2.ConnectionError(http2.ErrCodeCompression)
		}
	}
	h.open = false
	c.arrived()
	if known {
		c.lastSeen = h.stream
		return h.again.open(c)
	}
	if h.stream%2 == 0 {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	if h.stream <= c.lastSeen {
		return c.processTrailer()
	}
	c.lastSeen = h.stream
	return c.processRequest(block)
}

func (h *headerReader) decode(block []byte) error {
	if len(h.again.block) > 0 && !steady(block) {
		h.again.forget()
	}
	clear(h.fields)
	h.fields, h.pseudo = h.fields[:0], pseudoFields{}
	h.size, h.tooLarge, h.malformed, h.sawRegular = 0, false, nil, false
	h.decoder.SetEmitEnabled(true)
	if _, err := h.decoder.Write(block); err != nil {
		return err
	}
	return h.decoder.Close()
}

// emit takes a field that was decoded. What is over the limit or comes after
// something malformed is not kept.
func (h *headerReader) emit(field hpack.HeaderField) {
	h.size += int(field.Size())
	if h.size > h.limit {
		h.tooLarge = true
		h.decoder.SetEmitEnabled(false)
		return
	}
	if h.malformed == nil {
		h.malformed = h.keep(field)
	}
}

func (h *headerReader) keep(field hpack.HeaderField) error {
	if !httpguts.ValidHeaderFieldValue(field.Value) {
		return errMalformed
	}
	if field.Name != "" && field.Name[0] == ':' {
		if h.sawRegular {
			return errMalformed
		}
		return h.pseudo.set(field.Name, field.Value)
	}
	h.sawRegular = true
	if _, known := canonicalNames[field.Name]; !known && !validName(field.Name) {
		return errMalformed
	}
	h.fields = append(h.fields, field)
	return nil
}

// set refuses what has been set already or doesn't belong into a request.
func (p *pseudoFields) set(name, value string) error {
	var field *string
	switch name {
	case ":method":
		field = &p.method
	case ":scheme":
		field = &p.scheme
	case ":authority":
		field = &p.authority
	case ":path":
		field = &p.path
	}
	if field == nil || *field != "" || value == "" && name != ":authority" {
		return errMalformed
	}
	*field = value
	return nil
}

// validName tells whether a field's name is a token without capitals.
func validName(name string) bool {
	for i := range len(name) {
		if c := name[i]; 'A' <= c && c <= 'Z' {
			return false
		}
	}
	return httpguts.ValidHeaderFieldName(name)
}

// processTrailer ends a request's body.
func (c *conn) processTrailer() error {
	h := &c.headers
	c.mu.Lock()
	st := c.streams[h.stream]
	ours, closed := c.ownResets.has(h.stream), c.recentlyClosed.has(h.stream)
	c.mu.Unlock()
	refuse := func(code http2.ErrCode) error { return http2.StreamError{StreamID: h.stream, Code: code} }
	switch {
	case st == nil && ours:
		return c.idleFrame(1)
	case st == nil && closed:
		return http2.ConnectionError(http2.ErrCodeStreamClosed)
	case st == nil: // the client has gone back
		return http2.ConnectionError(http2.ErrCodeProtocol)
	case st.remoteEnded.Load():
		return refuse(http2.ErrCodeStreamClosed)
	case h.tooLarge:
		return refuse(http2.ErrCodeEnhanceYourCalm)
	case !h.endStream, h.malformed != nil, h.pseudo != pseudoFields{}, h.selfish:
		return refuse(http2.ErrCodeProtocol)
	}
	var trailer http.Header
	announced := st.announced()
	for _, field := range h.fields {
		name := h.names.canonical(field.Name)
		if !httpguts.ValidTrailerHeader(name) {
			return refuse(http2.ErrCodeProtocol)
		}
		if _, wanted := announced[name]; wanted {
			if trailer == nil {
				trailer = make(http.Header)
			}
			trailer[name] = append(trailer[name], field.Value)
		}
	}
	if !st.body.finish(trailer) {
		return refuse(http2.ErrCodeProtocol)
	}
	st.remoteEnded.Store(true)
	return nil
}
