package tunnel

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// A link is all calls to one node.
type link struct {
	transport *Transport
	subject   string // of the node
	reply     string // where its answers come in, but for the last word

	mu     sync.Mutex
	calls  map[uint64]*call
	last   uint64
	pings  *time.Timer // nil: there are no calls
	missed int         // pings without an answer
}

func (l *link) inFlight() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.calls)
}

// add gives a call its number and sends what opens it. As with pings the lock is
// held meanwhile: the other side is never asked for a call before that is opened.
func (l *link) add(c *call, send func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.calls) >= maxCalls {
		return task.Errorf(task.ResourceExhausted, "%d calls to the node are open, as many as may; try again later", maxCalls)
	}
	l.last++
	c.number = l.last
	if err := send(); err != nil {
		return err
	}
	l.calls[c.number] = c
	if l.pings == nil {
		l.missed = 0
		l.pings = time.AfterFunc(pingEvery, l.ping)
	}
	return nil
}

func (l *link) remove(c *call) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.calls, c.number)
}

// opening is where it is said that nobody got the message that opened a call.
func (l *link) opening(call uint64) string { return l.reply + strconv.FormatUint(call, 10) }

// answers is where the rest comes in.
func (l *link) answers() string { return l.reply + "0" }

func (l *link) send(f *frame) error { return l.transport.publish(l.subject, l.answers(), f) }

// ping asks the node which of the calls it knows, or gives it up.
func (l *link) ping() {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case len(l.calls) == 0:
		l.pings = nil
		return
	case l.missed >= maxMissed:
		l.pings = nil
		go l.end(fmt.Errorf("%w: it doesn't answer", ErrLost))
		return
	}
	l.missed++
	_ = l.send(&frame{kind: ping, calls: slices.Sorted(maps.Keys(l.calls))}) // an error is a ping that was missed
	l.pings.Reset(pingEvery)
}

// end ends all calls.
func (l *link) end(why error) {
	l.mu.Lock()
	calls := slices.Collect(maps.Values(l.calls))
	l.mu.Unlock()
	for _, c := range calls {
		c.cancel(why)
	}
}

// unreached is told that nobody got a message: the one that opened that call, or
// another one if it is 0, and then the node has gone.
func (l *link) unreached(number uint64) {
	if number == 0 {
		l.end(ErrLost)
		return
	}
	if c := l.find(number); c != nil {
		c.fail(ErrUnreached)
	}
}

func (l *link) find(number uint64) *call {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.calls[number]
}

// receive takes a frame of the node.
func (l *link) receive(f *frame) {
	l.mu.Lock()
	l.missed = 0
	c := l.calls[f.call]
	l.mu.Unlock()
	switch {
	case f.kind == pong:
		for _, number := range f.calls {
			if c := l.find(number); c != nil {
				c.fail(fmt.Errorf("%w: it doesn't know it", ErrLost))
			}
		}
	case c == nil: // it has ended here
	case f.kind == data:
		c.take(f)
	case f.kind == credit:
		c.out.grant(f.credit)
	case f.kind == refuse:
		c.fail(fmt.Errorf("%w: %s", ErrUnreached, f.text))
	case f.kind == reset:
		c.fail(fmt.Errorf("%w: %s", ErrLost, f.text))
	}
}
