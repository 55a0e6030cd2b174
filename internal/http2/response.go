package http2

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// A response is what a handler has said so far. It is used again for others.
type response struct {
	header   http.Header         // the handler's
	fields   []hpack.HeaderField // of header, when WriteHeader was called
	trailer  []hpack.HeaderField
	declared []string // names of trailers
	status   int      // 0: WriteHeader was not called
	sent     bool     // the header
	ended    bool     // by the handler
	noBody   bool     // none is sent: HEAD, or the status has none
	length   int64    // that header declares; -1: none
	written  int64
	buffer   *chunk // nil: nothing written that was not sent

	hasType, hasDate, hasEncoding bool
}

var responses = sync.Pool{New: func() any { return new(response) }}

func newResponse(st *stream) *response {
	r := responses.Get().(*response) //nolint:forcetypeassert // the pool holds nothing else
	r.noBody = st.request.Method == http.MethodHead
	r.length = -1
	return r
}

func (r *response) free() {
	if r.buffer != nil {
		r.buffer.free()
	}
	clear(r.fields)
	clear(r.trailer)
	*r = response{fields: r.fields[:0], trailer: r.trailer[:0], declared: r.declared[:0]}
	if cap(r.fields)+cap(r.trailer) < 100 {
		responses.Put(r)
	}
}

// A responseWriter is a stream as its handler's http.ResponseWriter.
type responseWriter stream

func (w *responseWriter) live() *response {
	if w.response == nil {
		panic("http2: http.ResponseWriter used after the handler has returned")
	}
	return w.response
}

// Header returns what is sent with WriteHeader, and trailers at the end.
func (w *responseWriter) Header() http.Header {
	r := w.live()
	if r.header == nil {
		r.header = make(http.Header)
	}
	return r.header
}

// WriteHeader decides the header, which is sent when the buffer is full, on
// Flush or at the end. Those of informational codes are sent at once.
func (w *responseWriter) WriteHeader(code int) {
	r := w.live()
	if r.status != 0 {
		return
	}
	if code < 100 || code > 999 {
		panic(fmt.Sprintf("http2: invalid WriteHeader code %d", code))
	}
	if code < 200 {
		(*stream)(w).sendInformation(code)
		return
	}
	r.status = code
	if !bodyAllowed(code) {
		r.noBody = true
	}
	if r.snapshot() {
		w.conn.goAway()
	}
}

func bodyAllowed(code int) bool {
	return code >= 200 && code != http.StatusNoContent && code != http.StatusNotModified
}

// Write sends p, some time.
func (w *responseWriter) Write(p []byte) (int, error) { return write(w, p) }

// WriteString is Write.
func (w *responseWriter) WriteString(s string) (int, error) { return write(w, s) }

func write[T []byte | string](w *responseWriter, p T) (int, error) {
	r := w.live()
	if r.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if !bodyAllowed(r.status) {
		return 0, http.ErrBodyNotAllowed
	}
	if r.length >= 0 && r.written+int64(len(p)) > r.length {
		return 0, http.ErrContentLength
	}
	r.written += int64(len(p))
	n := 0
	for n < len(p) {
		if r.buffer == nil {
			r.buffer = newChunk(len(p) - n)
		} else if r.buffer.room() == 0 {
			if err := (*stream)(w).flushBuffer(len(p) - n); err != nil {
				return n, err
			}
		}
		m := min(len(p)-n, r.buffer.room())
		r.buffer.data = append(r.buffer.data, p[n:n+m]...)
		n += m
	}
	return n, nil
}

// flushBuffer makes room in a full buffer for n bytes: by a larger one as long
// as there is one, or by sending.
func (st *stream) flushBuffer(n int) error {
	r := st.response
	old := r.buffer
	if len(old.data) < maxFrameSize {
		r.buffer = newChunk(len(old.data) + n)
		r.buffer.data = append(r.buffer.data, old.data...)
		old.free()
		return nil
	}
	return st.send()
}

// Flush sends what was written.
func (w *responseWriter) Flush() { _ = w.FlushError() }

// FlushError sends what was written.
func (w *responseWriter) FlushError() error {
	if w.live().status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return (*stream)(w).send()
}

// send sends what is in the buffer, after the header.
func (st *stream) send() error {
	c, r := st.conn, st.response
	c.mu.Lock()
	defer c.mu.Unlock()
	if st.closed {
		return st.closeErr
	}
	if !r.sent {
		st.sendHeader(false)
	}
	err := error(nil)
	if r.buffer != nil {
		if !r.noBody {
			err = st.sendData(r.buffer.data, false)
		}
		r.buffer.data = r.buffer.data[:0]
	}
	c.kick()
	return err
}

// sendHeader sends the header. conn.mu is held.
func (st *stream) sendHeader(end bool) {
	c, r := st.conn, st.response
	r.sent = true
	c.block.Reset()
	c.writeField(":status", statusText(r.status))
	for i := range r.fields {
		_ = c.encoder.WriteField(r.fields[i]) // to a bytes.Buffer
	}
	if body := r.buffered(); bodyAllowed(r.status) {
		if !r.hasType && !r.hasEncoding && len(body) > 0 {
			c.writeField("content-type", http.DetectContentType(body))
		}
		switch {
		case r.length >= 0:
			c.writeField("content-length", strconv.FormatInt(r.length, 10))
		case r.ended && len(r.trailer) == 0 && (len(body) > 0 || !r.noBody):
			c.writeField("content-length", strconv.Itoa(len(body)))
		}
	}
	if !r.hasDate {
		c.writeField("date", httpDate(time.Now()))
	}
	c.writeBlock(st.id, end)
}

func (r *response) buffered() []byte {
	if r.buffer == nil {
		return nil
	}
	return r.buffer.data
}

func statusText(code int) string {
	if code == http.StatusOK {
		return "200"
	}
	return strconv.Itoa(code)
}

// sendInformation sends a header before the header.
func (st *stream) sendInformation(code int) {
	if code == http.StatusSwitchingProtocols {
		return // HTTP/2 has no such thing
	}
	c := st.conn
	var header http.Header
	if st.response != nil && code != http.StatusContinue {
		header = st.response.header
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if st.closed {
		return
	}
	c.block.Reset()
	c.writeField(":status", strconv.Itoa(code))
	for name, values := range header {
		if name != "Content-Length" {
			eachField(name, values, func(field hpack.HeaderField) { _ = c.encoder.WriteField(field) })
		}
	}
	c.writeBlock(st.id, false)
	c.kick()
}

// sendContinue lets a client go on that waits for it, unless it has an answer.
func (st *stream) sendContinue() {
	if st.response != nil && !st.response.sent {
		st.sendInformation(http.StatusContinue)
	}
}

// finish sends what a handler has left when it returns.
func (st *stream) finish() {
	c, r := st.conn, st.response
	r.ended = true
	if r.status == 0 {
		(*responseWriter)(st).WriteHeader(http.StatusOK)
	}
	r.collectTrailer()
	c.mu.Lock()
	defer c.mu.Unlock()
	if st.closed {
		return
	}
	if st.sendRest() != nil {
		return // it is closed
	}
	c.answered++
	if !st.remoteEnded.Load() {
		c.sendReset(st.id, http2.ErrCodeNo) // the rest of the request isn't wanted
	}
	st.close(errStreamClosed)
}

// sendRest ends the response. conn.mu is held, except while waiting.
func (st *stream) sendRest() error {
	c, r := st.conn, st.response
	body := r.buffered()
	if r.noBody {
		body = nil
	}
	bare := len(body) == 0 && len(r.trailer) == 0
	if !r.sent {
		st.sendHeader(bare)
		if bare {
			return nil
		}
	}
	if bare || len(body) > 0 {
		if err := st.sendData(body, len(r.trailer) == 0); err != nil {
			return err
		}
	}
	if len(r.trailer) > 0 {
		c.block.Reset()
		for i := range r.trailer {
			_ = c.encoder.WriteField(r.trailer[i]) // to a bytes.Buffer
		}
		c.writeBlock(st.id, true)
	}
	return nil
}
