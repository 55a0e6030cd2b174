package tunnel

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
)

// A Transport is an [http.RoundTripper] to the nodes that are reached through a
// connection. Addresses begin with what [URL] returns. All methods are safe for
// concurrent use.
//
// An error is [ErrUnreached] or [ErrLost], that of the request's context, or says
// why the connection takes nothing.
type Transport struct {
	conn  *nats.Conn
	nodes string // what their subjects begin with
	node  string
	inbox string
	sub   *nats.Subscription

	mu      sync.Mutex
	links   map[string]*link // by the node's token
	byReply map[string]*link
	closed  bool
}

// NewTransport returns a transport of calls that come from a node, to those whose
// subjects begin with what nodes says. It uses conn until Close.
func NewTransport(conn *nats.Conn, nodes, node string) (*Transport, error) {
	t := &Transport{
		conn: conn, nodes: nodes, node: node, inbox: conn.NewInbox() + ".",
		links: make(map[string]*link), byReply: make(map[string]*link),
	}
	var err error
	if t.sub, err = conn.Subscribe(t.inbox+">", t.receive); err != nil {
		return nil, fmt.Errorf("answers of other nodes can't be received: %w", err)
	}
	if err := unbounded(t.sub); err != nil {
		t.Close()
		return nil, fmt.Errorf("answers of other nodes can't be received: %w", err)
	}
	return t, nil
}

// unbounded keeps the library from dropping messages of a subscription whose
// handler never waits.
func unbounded(sub *nats.Subscription) error { return sub.SetPendingLimits(-1, 256<<20) }

var errClosed = errors.New("the node is stopping")

// Close ends all calls.
func (t *Transport) Close() {
	t.mu.Lock()
	t.closed = true
	links := t.links
	t.links = nil
	t.mu.Unlock()
	for _, l := range links {
		l.end(errClosed)
	}
	_ = t.sub.Unsubscribe() // an error means that the connection is closed
}

// InFlight returns how many calls to a node are open.
func (t *Transport) InFlight(node string) int {
	t.mu.Lock()
	l := t.links[token(node)]
	t.mu.Unlock()
	if l == nil {
		return 0
	}
	return l.inFlight()
}

// RoundTrip implements [http.RoundTripper].
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	l, err := t.link(r.URL.Host)
	if err != nil {
		closeBody(r)
		return nil, err
	}
	c := newCall(l, r)
	more, err := c.open(r)
	if !more {
		closeBody(r)
	}
	if err != nil {
		return nil, err
	}
	return c.await(r)
}

// closeBody closes the body of a request that is sent, or won't be.
func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close() // nothing more is read of it
	}
}

// Do is RoundTrip for clients that want no more of HTTP.
func (t *Transport) Do(r *http.Request) (*http.Response, error) { return t.RoundTrip(r) }

// link returns the link to a node.
func (t *Transport) link(host string) (*link, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil, errClosed
	}
	l := t.links[host]
	if l == nil {
		reply := strconv.Itoa(len(t.links))
		l = &link{transport: t, subject: t.nodes + host, reply: t.inbox + reply + ".", calls: make(map[uint64]*call)}
		t.links[host], t.byReply[reply] = l, l
	}
	return l, nil
}

// receive takes a message of another node, or one that says that there is none.
func (t *Transport) receive(m *nats.Msg) {
	reply, call, _ := strings.Cut(m.Subject[len(t.inbox):], ".")
	t.mu.Lock()
	l := t.byReply[reply]
	t.mu.Unlock()
	if l == nil {
		return
	}
	if m.Header.Get("Status") == "503" {
		number, _ := strconv.ParseUint(call, 10, 64) // 0: none of a call's opening
		l.unreached(number)
		return
	}
	if f, err := readFrame(m.Data); err == nil {
		l.receive(&f)
	}
}

// publish sends a frame to a node, whose answers go to reply.
func (t *Transport) publish(subject, reply string, f *frame) error {
	err := t.conn.PublishMsg(&nats.Msg{Subject: subject, Reply: reply, Data: f.bytes()})
	if err != nil {
		return fmt.Errorf("the connection between the nodes takes nothing: %w", err)
	}
	return nil
}

// most returns how many bytes of a body go in one message.
func most(conn *nats.Conn) int { return max(min(maxPiece, int(conn.MaxPayload())-headRoom), 1) }
