package admin

import (
	"cmp"
	"context"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/audit"
	"github.com/taskscheduler/taskscheduler/internal/clip"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/stats"
	"github.com/taskscheduler/taskscheduler/task"
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

// ListAudit implements the rpc of that name.
func (s *service) ListAudit(_ context.Context, request *pb.ListAuditRequest) (*pb.ListAuditResponse, error) {
	match, err := auditFilter(request)
	if err != nil {
		return nil, rpc.Error(err)
	}
	var before uint64
	if token := request.GetPageToken(); token != "" {
		if before, err = strconv.ParseUint(token, 10, 64); err != nil {
			return nil, rpc.Error(errPageToken)
		}
	}
	entries, next := s.config.Trail.Before(before, pageSize(request.GetPageSize()), match)
	response := new(pb.ListAuditResponse)
	if next > 0 {
		response.NextPageToken = strconv.FormatUint(next, 10)
	}
	for i := range entries {
		response.Entries = append(response.Entries, describeEntry(&entries[i]))
	}
	return response, nil
}

// auditFilter returns what tells which entries a request is for.
func auditFilter(request *pb.ListAuditRequest) (match func(*audit.Entry) bool, err error) {
	since, err := momentOf(request.GetSince())
	if err != nil {
		return nil, err
	}
	until, err := momentOf(request.GetUntil())
	if err != nil {
		return nil, err
	}
	wanted := request.GetText()
	return func(e *audit.Entry) bool {
		return (!request.GetFailed() || e.Failed()) &&
			(since.IsZero() || !e.Time.Before(since)) && (until.IsZero() || e.Time.Before(until)) &&
			(wanted == "" || strings.Contains(e.Who, wanted) ||
				strings.Contains(e.Action, wanted) || strings.Contains(e.Target, wanted))
	}, nil
}

func describeEntry(e *audit.Entry) *pb.AuditEntry {
	described := &pb.AuditEntry{
		Time: timestamppb.New(e.Time), Who: text(e.Who), Peer: text(e.Peer), Action: text(e.Action), Target: text(e.Target),
		Result: text(e.Result), NodeId: text(e.Node), Details: make(map[string]string, len(e.Details)),
	}
	if role, err := adminport.ParseRole(e.Role); err == nil {
		described.Role = roleNumbers[role]
	}
	for key, value := range e.Details {
		described.Details[text(key)] = text(value)
	}
	return described
}

var errPageToken = task.Errorf(task.InvalidArgument, "page_token does not come from an answer of this server: leave it out to begin at the first page")
