package admin

import (
	"cmp"
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/audit"
	"github.com/taskscheduler/taskscheduler/internal/clip"
	"github.com/taskscheduler/taskscheduler/internal/stats"
)

// maxTarget is how many bytes of what a change is about are logged.
const maxTarget = 256

// audit writes the one line that there is for each change: who asked for it,
// what it was, on what, and what came of it.
func (s *service) audit(ctx context.Context, action, target string, err error, more ...slog.Attr) {
	caller := adminport.CallerOf(ctx)
	e := audit.Entry{
		Time: time.Now(), Who: cmp.Or(caller.Name, caller.Peer, "unknown"), Role: caller.Role.String(), Peer: caller.Peer,
		Action: action, Target: clip.Text(target, maxTarget), Result: "ok", Node: s.config.NodeID,
	}
	if err != nil {
		e.Result = err.Error()
	}
	attrs := append([]slog.Attr{
		slog.String("who", e.Who),
		slog.String("peer", e.Peer),
		slog.String("action", e.Action),
		slog.String("target", e.Target),
		slog.String("result", e.Result),
	}, more...)
	s.config.Audit.LogAttrs(ctx, slog.LevelInfo, "audit", attrs...)
	for _, attr := range more {
		if e.Details == nil {
			e.Details = make(map[string]string)
		}
		e.Details[attr.Key] = attr.Value.String()
	}
	s.config.Trail.Add(e)
	summary := strings.TrimSpace(e.Action + " " + e.Target)
	s.config.Feed.Publish(stats.Event{Time: e.Time, Kind: stats.Audited, Message: e.Who + ": " + summary + ": " + e.Result})
}
