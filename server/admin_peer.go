package server

import (
	"context"
	"net"
)

// peerUserKey is the key of the user at the other end of a Unix socket, a
// string, in the contexts of its requests.
type peerUserKey struct{}

// withPeerUser is for [http.Server.ConnContext].
func withPeerUser(ctx context.Context, conn net.Conn) context.Context {
	if coalescing, ok := conn.(*coalescingConn); ok {
		conn = coalescing.Conn
	}
	socket, isUnix := conn.(*net.UnixConn)
	if !isUnix {
		return ctx
	}
	return context.WithValue(ctx, peerUserKey{}, userOf(socket))
}
