// Package http2 is an HTTP/2 server for net/http handlers, made for many small
// calls: it takes over the connections of an [http.Server] that speak HTTP/2,
// and leaves everything else, HTTP/1 and TLS, to it.
//
// [New] attaches a [Server] to an http.Server, whose settings it goes by. TLS
// connections reach it by [http.Server.TLSNextProto], plain ones by the
// listener that [Server.Listener] returns, which looks at their first bytes
// (prior knowledge; an Upgrade from HTTP/1 isn't offered). Handlers find what
// net/http's own server gives them: streaming in both directions, trailers,
// deadlines by [http.ResponseController], contexts that end with the request.
//
// # A request's way
//
// One goroutine reads a connection (read.go), in a buffer that a connection
// without requests gives back (source.go). A request whose small body is at
// hand starts with the whole of it (dispatch.go), so that its handler never
// waits. What handlers write gathers in one buffer a connection; the first to
// write lets the others go ahead and then writes for all (write.go). That is
// where the speed comes from: a system call serves many requests, and no
// request crosses from one goroutine to another more than once.
//
// Frames and header compression are those of golang.org/x/net/http2, whose own
// server is not used.
//
// # Locks
//
// conn.mu guards what is sent: the buffer, the encoder, send windows and the
// table of streams. body.mu guards what was received for one stream. Neither is
// taken while the other is held. The reader's own state needs no lock.
//
// # What a stranger can do
//
// All that a peer can make large has a limit: headers (a request over it is
// answered with 431, only gross excess ends the connection), bodies (windows),
// answers that nobody reads (one buffer a connection, then handlers wait, for
// [Options.StallTimeout]), handlers (also of streams that were reset). Frames
// that bring nothing are counted against a budget (budget.go), as are resets.
package http2
