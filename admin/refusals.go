package admin

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/taskscheduler/taskscheduler/internal/adminport"
)

const (
	// refusalInterval is how often a caller's refusals by one rpc are audited, at most:
	// who may change nothing must not push out of the audit what others have changed.
	refusalInterval = time.Minute
	// maxRefusals bounds the callers and rpcs that are remembered.
	maxRefusals = 1000
)

// refusals are those who asked for changes that their roles don't allow.
type refusals struct {
	mu   sync.Mutex
	last map[refusal]lastRefusal
}

// A refusal is of a caller, by an rpc.
type refusal struct{ who, rpc string }

type lastRefusal struct {
	at   time.Time // of the audit's line
	more int       // since then
}

// count counts a refusal, and tells whether it is audited and how many there were
// since the last line.
func (r *refusals) count(of refusal, now time.Time) (more int, audited bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, known := r.last[of]
	switch {
	case known && now.Sub(before.at) < refusalInterval:
		before.more++
		r.last[of] = before
		return 0, false
	case !known && !r.makeRoomLocked(now):
		return 0, false
	}
	r.last[of] = lastRefusal{at: now}
	return before.more, true
}

func (r *refusals) makeRoomLocked(now time.Time) bool {
	if r.last == nil {
		r.last = make(map[refusal]lastRefusal)
	}
	if len(r.last) >= maxRefusals {
		for of, before := range r.last {
			if now.Sub(before.at) >= refusalInterval {
				delete(r.last, of)
			}
		}
	}
	return len(r.last) < maxRefusals
}

// auditRefusal writes the audit's line of a change that a caller's role doesn't allow.
// What only looks has none, as always.
func (s *service) auditRefusal(ctx context.Context, caller adminport.Caller, path, reason string) {
	rpc, isRPC := strings.CutPrefix(path, "/"+Name+"/")
	if needed, ok := roles[rpc]; !isRPC || !ok || needed == adminport.Viewer || rpc == "ListAudit" {
		return
	}
	more, audited := s.refusals.count(refusal{caller.Name, rpc}, time.Now())
	if !audited {
		return
	}
	var details []slog.Attr
	if more > 0 {
		details = append(details, slog.Int("times_before", more))
	}
	s.audit(adminport.WithCaller(ctx, caller), actionOf(rpc), "", errors.New(reason), details...)
}

// actionOf is what the audit calls an rpc: "set log level".
func actionOf(rpc string) string {
	var action strings.Builder
	for i, r := range rpc {
		if i > 0 && unicode.IsUpper(r) {
			action.WriteByte(' ')
		}
		action.WriteRune(unicode.ToLower(r))
	}
	return action.String()
}
