package admin

import (
	"cmp"
	"context"
	"log/slog"
)

// A Caller is who makes a request.
type Caller struct {
	// Peer is the network address that it comes from.
	Peer string
	// Name is who the caller has proved to be, such as "token alice"; empty
	// when the listener asks for no proof.
	Name string
}

type callerKey struct{}

// WithCaller returns a context that says who makes the request that it is of.
func WithCaller(ctx context.Context, caller Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// maxTarget is how many bytes of what a change is about are logged.
const maxTarget = 256

// audit writes the one line that there is for each change: who asked for it,
// what it was, on what, and what came of it.
func (s *service) audit(ctx context.Context, action, target string, err error, more ...slog.Attr) {
	caller, _ := ctx.Value(callerKey{}).(Caller) // without one, nothing is known
	result := "ok"
	if err != nil {
		result = err.Error()
	}
	attrs := append([]slog.Attr{
		slog.String("who", cmp.Or(caller.Name, caller.Peer, "unknown")),
		slog.String("peer", caller.Peer),
		slog.String("action", action),
		slog.String("target", target[:min(len(target), maxTarget)]),
		slog.String("result", result),
	}, more...)
	s.config.Audit.LogAttrs(ctx, slog.LevelInfo, "audit", attrs...)
}
