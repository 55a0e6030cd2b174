package admin

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/taskscheduler/taskscheduler/internal/adminport"
)

// maxTarget is how many bytes of what a change is about are logged.
const maxTarget = 256

// audit writes the one line that there is for each change: who asked for it,
// what it was, on what, and what came of it.
func (s *service) audit(ctx context.Context, action, target string, err error, more ...slog.Attr) {
	caller := adminport.CallerOf(ctx)
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
