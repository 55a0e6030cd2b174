package natstest

import (
	"context"
	"net"
	"sync"
	"testing"
)

// A Proxy stands between a node and a server, and can cut it off: then nothing
// arrives, and nobody is told, as when a network fails.
type Proxy struct {
	listener net.Listener
	to       string
	all      sync.WaitGroup

	mu    sync.Mutex
	conns map[net.Conn]bool
	cut   chan struct{} // closed when there is no cut
}

// NewProxy starts a proxy in front of an address.
func NewProxy(tb testing.TB, to string) *Proxy {
	tb.Helper()
	l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	p := &Proxy{listener: l, to: to, conns: make(map[net.Conn]bool), cut: make(chan struct{})}
	close(p.cut)
	p.all.Go(func() { p.accept(tb.Context()) })
	tb.Cleanup(p.close)
	return p
}

// URL is where nodes find it.
func (p *Proxy) URL() string { return "nats://" + p.listener.Addr().String() }

// Cut cuts all connections off, and new ones, until [Proxy.Heal].
func (p *Proxy) Cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = make(chan struct{})
}

// Heal lets all through again, and what was sent meanwhile.
func (p *Proxy) Heal() {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.cut)
}

func (p *Proxy) close() {
	_ = p.listener.Close()
	p.mu.Lock()
	for c := range p.conns {
		_ = c.Close()
	}
	select {
	case <-p.cut:
	default:
		close(p.cut)
	}
	p.mu.Unlock()
	p.all.Wait()
}

func (p *Proxy) accept(ctx context.Context) {
	for {
		from, err := p.listener.Accept()
		if err != nil {
			return
		}
		to, err := new(net.Dialer).DialContext(ctx, "tcp", p.to)
		if err != nil {
			_ = from.Close()
			continue
		}
		p.mu.Lock()
		p.conns[from], p.conns[to] = true, true
		p.mu.Unlock()
		p.all.Go(func() { p.pass(from, to) })
		p.all.Go(func() { p.pass(to, from) })
	}
}

func (p *Proxy) pass(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		p.mu.Lock()
		cut := p.cut
		p.mu.Unlock()
		<-cut
		if _, writeErr := to.Write(buffer[:n]); err != nil || writeErr != nil {
			return
		}
	}
}
