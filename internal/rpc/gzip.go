package rpc

import (
	"compress/gzip"
	"io"

	"connectrpc.com/connect"
)

// withGzip is Connect's gzip but for large messages: inflating ends at maxBytes,
// where Connect would go on to the message's end only to tell its size, and what
// is being inflated is within bodies' budget.
func withGzip(maxBytes int, bodies *Bodies) connect.HandlerOption {
	return connect.WithCompression("gzip",
		func() connect.Decompressor { return &inflater{limit: int64(maxBytes), bodies: bodies} },
		func() connect.Compressor { return gzip.NewWriter(io.Discard) },
	)
}

// inflater is a gzip.Reader with a limit. Connect uses one for one message at a
// time.
type inflater struct {
	gzip.Reader
	limit, inflated int64
	bodies          *Bodies
}

// Read returns inflated bytes, one more than the limit at the most: Connect
// tells by it that the message is too large.
func (r *inflater) Read(p []byte) (int, error) {
	if r.inflated > r.limit {
		return 0, connect.NewError(connect.CodeResourceExhausted, errTooLarge)
	}
	n, err := r.Reader.Read(p)
	if full := r.bodies.Take(int64(n)); full != nil {
		return 0, full
	}
	r.inflated += int64(n)
	return n, err
}

// Reset starts with another message.
func (r *inflater) Reset(source io.Reader) error {
	r.giveBack()
	return r.Reader.Reset(source)
}

// Close ends a message.
func (r *inflater) Close() error {
	r.giveBack()
	return r.Reader.Close()
}

func (r *inflater) giveBack() {
	r.bodies.GiveBack(r.inflated)
	r.inflated = 0
}
