package natstest

import (
	"net"
	"net/url"
	"os"
	"strconv"
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

var taken atomic.Uint32 //nolint:gochecknoglobals // ports are the whole process's

// FreeAddr returns an address that nobody listens at, and that nobody else is given soon.
func FreeAddr(tb testing.TB) string {
	tb.Helper()
	first := firstPort + os.Getpid()%processes*ownPorts
	for range ownPorts {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(first+int(taken.Add(1)%ownPorts)))
		if l, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", addr); err == nil {
			_ = l.Close() // nobody has come
			return addr
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
