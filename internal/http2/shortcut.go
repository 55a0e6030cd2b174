package http2

import (
	"context"
	"net/http"
	"sync"
	"time"

	"golang.org/x/net/http2/hpack"
)

// A Shortcut answers small requests without an [http.Request] and an
// [http.ResponseWriter], which together cost more than a small call does.
type Shortcut interface {
	// Route returns what answers requests of r's connection whose header is r's,
	// or nil: the Handler does. It must not keep r nor read its body.
	Route(r *http.Request) *Route
}

// A Field is one of a header. Its name has no capitals.
type Field = hpack.HeaderField

// A Route answers requests with the same header, with status 200. Nothing of it
// may change.
type Route struct {
	// Header is what all answers have beside their status and date, Trailer what
	// those have that name no other one.
	Header, Trailer []Field
	// Answer answers a request: body is all of its body, and not to be kept. When
	// it returns false, the Handler gets the request. It is called like a
	// Handler: by many goroutines, and for as long as it likes.
	Answer func(ctx context.Context, body []byte, a *Answer) bool
}

// An Answer is what a [Route] answers.
type Answer struct {
	// Body is empty at first, with room for a small one.
	Body []byte
	// Trailer takes the place of the Route's if it isn't nil.
	Trailer []Field
	// TakeBy is by when the client must have taken it. Zero: it need not hurry.
	TakeBy time.Time
	// Gone, if not nil, is called when Body is not needed any more.
	Gone func()
}

// keptAnswer is up to what size an answer's room is used again.
const keptAnswer = 16 << 10

var answers = sync.Pool{New: func() any { return &Answer{Body: make([]byte, 0, 512)} }}

func (a *Answer) free() {
	if a.Gone != nil {
		a.Gone()
	}
	if cap(a.Body) <= keptAnswer {
		*a = Answer{Body: a.Body[:0]}
		answers.Put(a)
	}
}

// findRoute asks whether there is a shortcut for st's request, which came with
// that header block. Those with the same block again then take it without being
// asked for.
func (c *conn) findRoute(st *stream, block []byte) {
	r := st.request
	simple := r.Method == http.MethodPost && r.ContentLength < 0 && r.Trailer == nil && !st.body.expectContinue
	if c.limits.Shortcut == nil || !simple {
		return
	}
	if st.route = c.limits.Shortcut.Route(r); st.route != nil {
		c.headers.again.remember(block, st)
	}
}

// takeShortcut answers st's request if there is a shortcut for it.
func (st *stream) takeShortcut() bool {
	if st.route == nil {
		return false
	}
	body := (*requestBody)(st).Bytes()
	if body == nil {
		return false
	}
	a := answers.Get().(*Answer) //nolint:forcetypeassert // the pool holds nothing else
	defer a.free()
	if !st.route.Answer((*requestContext)(st), body, a) {
		return false
	}
	if !a.TakeBy.IsZero() {
		st.setWriteDeadline(a.TakeBy)
	}
	st.sendAnswer(a)
	return true
}

// sendAnswer sends an answer, and ends the stream.
func (st *stream) sendAnswer(a *Answer) {
	c := st.conn
	c.mu.Lock()
	defer c.mu.Unlock()
	if st.closed {
		return
	}
	c.writeAnswerHeader(st)
	if len(a.Body) > 0 && st.sendData(a.Body, false) != nil {
		return // it is closed
	}
	if a.Trailer == nil {
		c.trailers.write(c, st.id, st.route.Trailer, "", true)
	} else {
		c.block.Reset()
		c.writeFields(a.Trailer)
		c.writeBlock(st.id, true)
	}
	c.answered++
	st.close(errStreamClosed)
}

// writeAnswerHeader sends the header of an answer by st's route. c.mu is held.
func (c *conn) writeAnswerHeader(st *stream) {
	c.answerHeaders.write(c, st.id, st.route.Header, httpDate(time.Now()), false)
}

// writeFields adds fields to the block that is being encoded. c.mu is held.
func (c *conn) writeFields(fields []Field) {
	for i := range fields {
		_ = c.encoder.WriteField(fields[i]) // to a bytes.Buffer
	}
}

// A repeated is a block that was sent last, to be sent again: as long as it is the same
// and the table has not changed, nothing need be encoded anew.
type repeated struct {
	of    *Field // the first of the fields, which don't change
	date  string // "": without status and date
	table uint   // conn.tableChanges
	block []byte
}

// write sends the block of fields, with status and date before and behind them if
// there is a date. c.mu is held.
func (r *repeated) write(c *conn, id uint32, fields []Field, date string, end bool) {
	if len(r.block) > 0 && r.of == &fields[0] && r.table == c.tableChanges && r.date == date {
		c.writeEncoded(id, r.block, end)
		return
	}
	c.block.Reset()
	if date != "" {
		c.writeField(":status", "200")
	}
	c.writeFields(fields)
	if date != "" {
		c.writeField("date", date)
	}
	before := c.tableChanges
	c.writeBlock(id, end)
	r.block = r.block[:0]
	if before == c.tableChanges && c.block.Len() <= maxRepeated {
		r.of, r.date, r.table = &fields[0], date, before
		r.block = append(r.block, c.block.Bytes()...)
	}
}

// maxRepeated is up to what size blocks are remembered.
const maxRepeated = 256
