package tunnel

import (
	"context"
	"fmt"
	"log/slog"
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
	logger  *slog.Logger
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
// subjects of all of them begin with. Requests have a RemoteAddr that begins with
// [RemotePrefix], and a context that ends when who calls doesn't wait any more.
// logger is told when handler panics.
func Serve(conn *nats.Conn, nodes, node string, handler http.Handler, logger *slog.Logger) (*Server, error) {
	s := &Server{conn: conn, handler: handler, logger: logger, visitors: make(map[string]*visitor)}
	s.ctx, s.closing = context.WithCancel(context.Background())
	var err error
	if s.sub, err = conn.Subscribe(nodes+token(node), s.receive); err != nil {
		s.closing()
		return nil, fmt.Errorf("calls of other nodes can't be received: %w", err)
	}
	err = unbounded(s.sub)
	if err == nil {
		err = conn.Flush() // from now on others reach it
	}
	if err != nil {
		s.Close()
		return nil, fmt.Errorf("calls of other nodes can't be received: %w", err)
	}
	return s, nil
}

// drainTime bounds the time in which those calls that are open end by themselves, and
// in which the last answers go out.
const drainTime = 2 * time.Second

// Close takes no more calls, gives those that are open a moment to end, ends them and
// waits for their handlers.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	idle := make(chan struct{})
	go func() { s.running.Wait(); close(idle) }()
	timeout := time.NewTimer(drainTime)
	defer timeout.Stop()
	select {
	case <-idle:
	case <-timeout.C:
	}
	s.closing()
	<-idle
	s.leave()
	_ = s.conn.FlushTimeout(drainTime) // an error means that the connection is closed
}

// leave ends the subscription, once what has come in is refused.
func (s *Server) leave() {
	left := make(chan struct{})
	s.sub.SetClosedHandler(func(string) { close(left) })
	if s.sub.Drain() == nil { // else the connection is closed
		select {
		case <-left:
		case <-time.After(drainTime):
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ticks != nil {
		s.ticks.Stop()
	}
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
	case reset, pong, refuse: // are for transports
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
		s.refuse(reply, f.call, "it is stopping")
		return
	case err != nil:
		s.refuse(reply, f.call, "the request's head is wrong")
		return
	case s.calls >= maxCalls:
		s.refuse(reply, f.call, "it has as many calls as it takes")
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

// refuse says that a call is not taken.
func (s *Server) refuse(reply string, call uint64, why string) {
	_ = s.publish(reply, &frame{kind: refuse, call: call, text: why}) // else it will be asked for in vain
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
