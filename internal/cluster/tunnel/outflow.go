package tunnel

import "sync"

// An outflow is a body that goes out, as far as there is credit for it.
type outflow struct {
	send func(f *frame) error // with the call's number

	mu      sync.Mutex
	changed sync.Cond
	next    uint64 // number of the next frame
	credit  int
	err     error
}

func newOutflow(send func(f *frame) error) *outflow {
	out := &outflow{send: send, credit: window}
	out.changed.L = &out.mu
	return out
}

// grant adds to the credit.
func (out *outflow) grant(n uint64) {
	out.mu.Lock()
	defer out.mu.Unlock()
	out.credit += int(min(n, window))
	out.changed.Broadcast()
}

// fail ends it: who writes gets err.
func (out *outflow) fail(err error) {
	out.mu.Lock()
	defer out.mu.Unlock()
	if out.err == nil {
		out.err = err
		out.changed.Broadcast()
	}
}

// write sends f with body, in as many frames as it takes: its head goes with the
// first, its trailer and end with the last. It is called by one goroutine at a
// time.
func (out *outflow) write(f *frame, body []byte, most int) error {
	last, trailer := f.end, f.trailer
	f.end, f.trailer = false, nil
	for {
		n, err := out.take(min(len(body), most))
		if err != nil {
			return err
		}
		f.body, body = body[:n], body[n:]
		f.number = out.next
		out.next++
		if len(body) == 0 {
			f.end, f.trailer = last, trailer
		}
		if err := out.send(f); err != nil {
			return err
		}
		if len(body) == 0 {
			return nil
		}
		f.head, f.kind = nil, data
	}
}

// take waits for credit and returns how many of n bytes may be sent.
func (out *outflow) take(n int) (int, error) {
	out.mu.Lock()
	defer out.mu.Unlock()
	for n > 0 && out.credit == 0 && out.err == nil {
		out.changed.Wait()
	}
	n = min(n, out.credit)
	out.credit -= n
	return n, out.err
}
