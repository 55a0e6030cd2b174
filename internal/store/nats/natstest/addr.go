package natstest

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// Ports that tests listen at once more, after a restart, are below those that systems give
// to whoever asks for any (Linux: from 32768 on), and each process has some of its own:
// another test's would have them in between.
const (
	firstPort = 10_000
	ownPorts  = 200
	processes = 110
)

//nolint:gochecknoglobals // ports are the whole process's
var (
	taken atomic.Uint32
	// own listens at the first of this process's ports to its end, so that no other one
	// takes them for its own.
	own = sync.OnceValue(func() net.Listener {
		for i := range processes {
			first := firstPort + (os.Getpid()+i)%processes*ownPorts
			if l, err := listen(first); err == nil {
				return l
			}
		}
		return nil
	})
)

func listen(port int) (net.Listener, error) {
	return new(net.ListenConfig).Listen(context.Background(), "tcp", local(port))
}

func local(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// FreeAddr returns an address that nobody listens at, and that nobody else is given soon.
func FreeAddr(tb testing.TB) string {
	tb.Helper()
	if own() == nil {
		tb.Fatal("each port that tests may have is taken")
	}
	first := netip.MustParseAddrPort(own().Addr().String()).Port()
	for range ownPorts {
		port := int(first) + 1 + int(taken.Add(1)%(ownPorts-1))
		if l, err := listen(port); err == nil {
			_ = l.Close() // nobody has come
			return local(port)
		}
	}
	tb.Fatal("no port is free")
	return ""
}

func parse(tb testing.TB, text string) *url.URL {
	tb.Helper()
	u, err := url.Parse(text)
	if err != nil {
		tb.Fatal(err)
	}
	return u
}

func port(u *url.URL) int {
	n, err := strconv.Atoi(u.Port())
	if err != nil {
		return 0
	}
	return n
}
