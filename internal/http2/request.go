package http2

import (
	"bytes"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// processRequest opens a stream for the header block that was read, or says
// why not.
func (c *conn) processRequest(block []byte) error {
	h := &c.headers
	malformed := http2.StreamError{StreamID: h.stream, Code: http2.ErrCodeProtocol}
	switch {
	case h.malformed != nil, h.selfish:
		return malformed
	case h.tooLarge:
		return c.answer(http.StatusRequestHeaderFieldsTooLarge)
	case h.pseudo.method == http.MethodConnect && h.pseudo.path == "" && h.pseudo.scheme == "" && h.pseudo.authority != "":
		return c.answer(http.StatusNotImplemented)
	}
	st := c.newStream()
	if !c.fill(st) {
		return malformed
	}
	if !h.endStream {
		c.findRoute(st, block)
	}
	if ok, err := c.open(st); !ok {
		return err
	}
	c.pending = st
	if h.endStream {
		c.startPending()
	}
	return nil
}

// answer answers a request that no handler sees.
func (c *conn) answer(status int) error {
	h := &c.headers
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.goingAway >= lastCall {
		return nil
	}
	c.lastOpened = h.stream
	c.block.Reset()
	c.writeField(":status", strconv.Itoa(status))
	c.writeField("content-length", "0")
	c.writeField("date", httpDate(time.Now()))
	c.writeBlock(h.stream, true)
	c.recentlyClosed.add(h.stream)
	if !h.endStream {
		c.sendReset(h.stream, http2.ErrCodeNo)
	}
	c.kick()
	return nil
}

func (c *conn) newStream() *stream {
	st := &stream{conn: c, id: c.headers.stream}
	st.body.arrived.L = &st.body.mu
	st.body.window = c.limits.streamWindow
	st.body.declared = -1
	st.body.ended = c.headers.endStream
	st.remoteEnded.Store(c.headers.endStream)
	return st
}

// fill makes the request of what the header block says, or tells that this is
// malformed.
func (c *conn) fill(st *stream) bool {
	p := &c.headers.pseudo
	if p.method == "" || p.path == "" || p.scheme != "http" && p.scheme != "https" || strings.Contains(p.authority, "@") {
		return false
	}
	r := c.request.WithContext((*requestContext)(st))
	st.request = r
	r.Header = c.headers.header()
	r.Method, r.RequestURI, r.Host = p.method, p.path, p.authority
	if r.Host == "" {
		r.Host = r.Header.Get("Host")
	}
	r.URL = &st.url
	if !setURL(r.URL, p.path) {
		return false
	}
	if p.scheme == "https" {
		r.TLS = c.tls
	}
	r.Body = (*requestBody)(st)
	return connectionless(r.Header) && st.setLength() && st.setRest()
}

// setURL parses path. The plain ones, of every rpc, need no parser.
func setURL(u *url.URL, path string) bool {
	if path[0] == '/' && !strings.HasPrefix(path, "//") && plainPath(path) {
		u.Path = path
		return true
	}
	parsed, err := url.ParseRequestURI(path)
	if err != nil || path[0] != '/' && path != "*" {
		return false
	}
	*u = *parsed
	return true
}

func plainPath(path string) bool {
	for i := range len(path) {
		switch c := path[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '/', c == '.', c == '-', c == '_':
		default:
			return false
		}
	}
	return true
}

// header makes a header of the fields. All values share one array.
func (h *headerReader) header() http.Header {
	header := make(http.Header, len(h.fields))
	values := make([]string, len(h.fields))
	for i, field := range h.fields {
		name := h.names.canonical(field.Name)
		if present, ok := header[name]; ok {
			header[name] = append(present, field.Value)
			continue
		}
		values[i] = field.Value
		header[name] = values[i : i+1 : i+1]
	}
	return header
}

// connectionFields belong to a connection of HTTP/1 (RFC 9113, 8.2.2).
var connectionFields = [...]string{connection, "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade"}

const connection = "Connection"

// connectionless tells whether header is free of these.
func connectionless(header http.Header) bool {
	if te, ok := header["Te"]; ok && (len(te) > 1 || te[0] != "trailers" && te[0] != "") {
		return false
	}
	for _, name := range connectionFields {
		if _, ok := header[name]; ok {
			return false
		}
	}
	return true
}

// setLength takes the declared length of the body.
func (st *stream) setLength() bool {
	r := st.request
	r.ContentLength = -1
	if st.body.ended {
		r.ContentLength = 0
	}
	lengths, ok := r.Header["Content-Length"]
	if !ok {
		return true
	}
	n, err := strconv.ParseUint(lengths[0], 10, 63)
	if err != nil || slices.ContainsFunc(lengths, func(other string) bool { return other != lengths[0] }) {
		return false
	}
	r.ContentLength, st.body.declared = int64(n), int64(n)
	return n == 0 || !st.body.ended
}

// setRest takes what few requests have.
func (st *stream) setRest() bool {
	header := st.request.Header
	if expect, ok := header["Expect"]; ok && httpguts.HeaderValuesContainsToken(expect, "100-continue") {
		delete(header, "Expect")
		st.body.expectContinue = !st.body.ended
	}
	if cookies := header["Cookie"]; len(cookies) > 1 { // split, to be compressed better
		header["Cookie"] = []string{strings.Join(cookies, "; ")}
	}
	if announced, ok := header["Trailer"]; ok {
		delete(header, "Trailer")
		for name := range elements(announced) {
			if name = textproto.CanonicalMIMEHeaderKey(name); httpguts.ValidTrailerHeader(name) {
				if st.request.Trailer == nil {
					st.request.Trailer = make(http.Header)
				}
				st.request.Trailer[name] = nil
			}
		}
	}
	return true
}

// elements yields the elements of a list in a header.
func elements(values []string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for _, value := range values {
			for element := range strings.SplitSeq(value, ",") {
				if element = textproto.TrimString(element); element != "" && !yield(element) {
					return
				}
			}
		}
	}
}

// writeField adds a field to the block that is being encoded. c.mu is held.
func (c *conn) writeField(name, value string) {
	_ = c.encoder.WriteField(hpack.HeaderField{Name: name, Value: value}) // to a bytes.Buffer
}

// writeBlock sends the block that was encoded. c.mu is held.
func (c *conn) writeBlock(id uint32, end bool) {
	if !steady(c.block.Bytes()) {
		c.tableChanges++
	}
	c.writeEncoded(id, c.block.Bytes(), end)
	if c.block.Cap() > 4*maxFrameSize {
		c.block = bytes.Buffer{}
	}
}

// writeEncoded sends a block. c.mu is held.
func (c *conn) writeEncoded(id uint32, block []byte, end bool) {
	n := min(len(block), maxFrameSize)
	_ = c.frames.WriteHeaders(http2.HeadersFrameParam{
		StreamID: id, BlockFragment: block[:n], EndStream: end, EndHeaders: n == len(block),
	})
	for block = block[n:]; len(block) > 0; block = block[n:] {
		n = min(len(block), maxFrameSize)
		_ = c.frames.WriteContinuation(id, n == len(block), block[:n])
	}
}
