package http2

import (
	"context"
	"net/http"
)

// again remembers the last header block by which a request took a shortcut.
// Clients send the same one for call after call, and what it says needs not be
// found out again as long as the table is the same that it refers to.
type again struct {
	block   []byte        // empty: none
	request *http.Request // what it says; nobody changes it
	route   *Route
}

// is tells whether block is the one that is remembered.
func (a *again) is(block []byte) bool { return len(a.block) > 0 && string(a.block) == string(block) }

// forget is called when the table has changed.
func (a *again) forget() { *a = again{block: a.block[:0]} }

// remember remembers the block of st's request, unless there is more to it than
// the same bytes can say again.
func (a *again) remember(block []byte, st *stream) {
	if len(block) > maxRepeated || !steady(block) {
		return
	}
	a.block = append(a.block[:0], block...)
	a.route = st.route
	a.request = st.request.Clone(context.Background())
	a.request.Body = nil
}

// open opens a stream for the block that is remembered.
func (a *again) open(c *conn) error {
	st := c.newStream()
	st.route, st.again = a.route, a.request
	if ok, err := c.open(st); !ok {
		return err
	}
	c.pending = st
	return nil
}

// makeRequest makes the request of a stream that had none, since it was to take
// a shortcut.
func (st *stream) makeRequest() {
	if st.request == nil {
		st.request = st.again.Clone((*requestContext)(st))
		st.request.Body = (*requestBody)(st)
	}
}

// announced are the trailers that the request has announced.
func (st *stream) announced() http.Header {
	if st.again != nil {
		return nil
	}
	return st.request.Trailer
}

// steady tells whether reading or writing a block leaves the table of header
// compression as it is (RFC 7541, 6).
func steady(block []byte) bool {
	for len(block) > 0 {
		var ok bool
		switch kind := block[0]; {
		case kind >= 0x80: // a field of the table
			_, block, ok = integer(block, 7)
		case kind < 0x20: // a literal that is not to be remembered
			var index int
			if index, block, ok = integer(block, 4); ok && index == 0 {
				block, ok = text(block)
			}
			if ok {
				block, ok = text(block)
			}
		default: // one that is, or the table's size
			return false
		}
		if !ok {
			return false
		}
	}
	return true
}

// integer reads an integer whose first byte has it in its lowest bits.
func integer(b []byte, bits int) (n int, rest []byte, ok bool) {
	if len(b) == 0 {
		return 0, nil, false
	}
	most := 1<<bits - 1
	n = int(b[0]) & most
	if n < most {
		return n, b[1:], true
	}
	for i, shift := 1, 0; i < len(b) && shift < 28; i, shift = i+1, shift+7 {
		n += int(b[i]&0x7f) << shift
		if b[i] < 0x80 {
			return n, b[i+1:], true
		}
	}
	return 0, nil, false
}

// text skips a text.
func text(b []byte) (rest []byte, ok bool) {
	n, rest, ok := integer(b, 7)
	if !ok || n > len(rest) {
		return nil, false
	}
	return rest[n:], true
}
