package nats

import (
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
)

// The server of a shared stream says of each outcome and claim that it has stored
// something, in a message without the content: who waits for a task's end looks then.

// storedSubject is what the subjects of those messages begin with, in the place of
// what outcomes' begin with.
const storedSubject = "stored."

// republished says so to the server.
func (n *names) republished() (from, to string) {
	return n.outcome + ">", n.prefix + storedSubject + ">"
}

// storedOf returns the subject of the messages about an id.
func (n *names) storedOf(id string) string {
	return n.prefix + storedSubject + strings.TrimPrefix(n.outcomeOf(id), n.outcome)
}

// ends are those who wait for messages. One goroutine takes all messages.
type ends struct {
	conn *nats.Conn
	came chan *nats.Msg

	mu    sync.Mutex
	waits map[string]*waiting // by subject
}

// waiting are those who wait for messages of one subject.
type waiting struct {
	sub  *nats.Subscription
	next uint64
	all  map[uint64]func()
}

// mostCame is how many messages may wait for the one who takes them; then they are
// lost, as any of them may be.
const mostCame = 64 << 10

func (e *Engine) runEnds() {
	e.ends = &ends{conn: e.conn, came: make(chan *nats.Msg, mostCame), waits: make(map[string]*waiting)}
	e.marker.Go(func() {
		for {
			select {
			case m := <-e.ends.came:
				e.ends.tell(m.Subject)
			case <-e.closing:
				return
			}
		}
	})
}

func (x *ends) tell(subject string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if w := x.waits[subject]; w != nil {
		for _, f := range w.all {
			f()
		}
	}
}

// OnStored has f called soon after something was stored of an id by any of the nodes
// that share the store: messages may be lost, so one looks into the store, too. f
// must return at once, and must not call stop, which ends it.
func (e *Engine) OnStored(id string, f func()) (stop func()) {
	x, subject := e.ends, e.names.storedOf(id)
	x.mu.Lock()
	defer x.mu.Unlock()
	w := x.waits[subject]
	if w == nil {
		w = &waiting{all: make(map[uint64]func())}
		w.sub, _ = x.conn.ChanSubscribe(subject, x.came) // an error is as if messages were lost
		x.waits[subject] = w
	}
	w.next++
	number := w.next
	w.all[number] = f
	return func() { x.forget(subject, w, number) }
}

func (x *ends) forget(subject string, w *waiting, number uint64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(w.all, number)
	if len(w.all) == 0 && x.waits[subject] == w {
		delete(x.waits, subject)
		if w.sub != nil {
			_ = w.sub.Unsubscribe() // an error means that the connection is closed
		}
	}
}
