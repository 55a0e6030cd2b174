package tunnel

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// A Server answers the calls that come to a node.
type Server struct {
	conn    *nats.Conn
	handler http.Handler
	sub     *nats.Subscription
	closing context.CancelFunc
	ctx     context.Context //nolint:containedctx // it is the calls', which the server ends
	running sync.WaitGroup

	mu       sync.Mutex
	visitors map[string]*visitor // by where their answers go
	calls    int
	closed   bool
	ticks    *time.Timer // nil: there are no calls
}

// A visitor is a transport that calls.
type visitor struct {
	reply  string
	calls  map[uint64]*served
	missed int // ticks without a word
}

// Serve answers what comes to a node with handler, until Close. nodes is what the
// subjects of all of them begin with. Requests have a
// RemoteAddr that begins with [RemotePrefix], and a context that ends when who
// calls doesn't wait any more.
func Serve(conn *nats.Conn, nodes, node string, handler http.Handler) (*Server, error) {
	s := &Server{conn: conn, handler: handler, visitors: make(map[string]*visitor)}
	s.ctx, s.closing = context.WithCancel(context.Background())
	var err error
	if s.sub, err = conn.Subscribe(nodes+token(node), s.receive); err != nil {
		s.closing()
		return nil, fmt.Errorf("calls of other nodes can't be received: %w", err)
	}
	if err := unbounded(s.sub); err != nil {
		s.Close()
		return nil, err
	}
	return s, conn.Flush() // from now on others reach it
}

// Close takes no more calls, ends those that are open and waits for their
// handlers.
func (s *Server) Close() {
	_ = s.sub.Unsubscribe() // an error means that the connection is closed
	s.mu.Lock()
	s.closed = true
	if s.ticks != nil {
		s.ticks.Stop()
	}
	s.mu.Unlock()
	s.closing()
	s.running.Wait()
}

// receive takes a message of a transport.
func (s *Server) receive(m *nats.Msg) {
	cut := strings.LastIndexByte(m.Reply, '.')
	f, err := readFrame(m.Data)
	if err != nil || cut < 0 {
		return
	}
	reply := m.Reply[:cut+1] + "0"
	s.mu.Lock()
	defer s.mu.Unlock()
	v := s.visitors[reply]
	if v != nil {
		v.missed = 0
	}
	switch f.kind {
	case open:
		s.openLocked(reply, &f)
	case ping:
		s.pongLocked(v, reply, f.calls)
	case data, credit, cancel:
		if v != nil && v.calls[f.call] != nil {
			v.calls[f.call].receive(&f)
		}
	case reset, pong: // are for transports
	}
}

// openLocked begins a call.
func (s *Server) openLocked(reply string, f *frame) {
	h, err := readHead(f.head)
	var r *http.Request
	if err == nil {
		r, err = h.request()
	}
	switch {
	case s.closed:
		return // and whoever asks for it is told that it isn't known
	case err != nil:
		_ = s.publish(reply, &frame{kind: reset, call: f.call, text: "its head is wrong"})
		return
	case s.calls >= maxCalls:
		_ = s.publish(reply, &frame{kind: reset, call: f.call, text: "it has as many calls as it takes"})
		return
	}
	v := s.visitors[reply]
	if v == nil {
		v = &visitor{reply: reply, calls: make(map[uint64]*served)}
		s.visitors[reply] = v
	}
	if v.calls[f.call] != nil {
		return
	}
	c := newServed(s, v, f.call)
	c.in.put(f)
	v.calls[f.call] = c
	s.calls++
	if s.ticks == nil {
		s.ticks = time.AfterFunc(pingEvery, s.tick)
	}
	s.running.Go(func() { c.serve(r) })
}

// pongLocked tells which calls are not known, and ends those that the visitor
// doesn't know.
func (s *Server) pongLocked(v *visitor, reply string, calls []uint64) {
	answer := frame{kind: pong}
	open := make(map[uint64]bool, len(calls))
	for _, number := range calls {
		open[number] = true
		if v == nil || v.calls[number] == nil {
			answer.calls = append(answer.calls, number)
		}
	}
	if v != nil {
		for number, c := range v.calls {
			if !open[number] {
				c.end(ErrLost)
			}
		}
	}
	_ = s.publish(reply, &answer)
}

// tick ends the calls of those who have not said a word for long.
func (s *Server) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	for reply, v := range s.visitors {
		if v.missed++; v.missed > maxMissed {
			for _, c := range v.calls {
				c.end(ErrLost)
			}
		}
		if len(v.calls) == 0 {
			delete(s.visitors, reply)
		}
	}
	if len(s.visitors) == 0 {
		s.ticks = nil
		return
	}
	s.ticks.Reset(pingEvery)
}

func (s *Server) remove(v *visitor, number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(v.calls, number)
	s.calls--
}

func (s *Server) publish(reply string, f *frame) error {
	return s.conn.PublishMsg(&nats.Msg{Subject: reply, Data: f.bytes()})
}
