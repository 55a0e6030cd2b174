package natstest

import (
	"math/rand/v2"
	"net"
	"net/url"
	"strconv"
	"testing"
)

// FreeAddr returns an address that nobody listens at. Its port is below those that systems
// give to whoever asks for any (Linux: from 32768 on), since those of other tests would
// have it before it is used.
func FreeAddr(tb testing.TB) string {
	tb.Helper()
	const first, last = 10_000, 32_000
	for range 1000 {
		port := first + rand.IntN(last-first) //nolint:gosec // it keeps nothing secret
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
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
