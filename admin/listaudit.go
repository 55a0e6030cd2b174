package admin

import (
	"context"
	"errors"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/audit"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/task"
)

// ListAudit implements the rpc of that name. Another node that asks goes on with its
// own cursors.
func (s *service) ListAudit(ctx context.Context, request *pb.ListAuditRequest) (*pb.ListAuditResponse, error) {
	limit := pageSize(request.GetPageSize())
	if isFromNode(ctx) {
		own, err := s.ownAudit(request, request.GetPageToken(), limit)
		return &pb.ListAuditResponse{Entries: own.entries, NextPageToken: own.next}, rpc.Error(err)
	}
	from, err := parseCursors(request.GetPageToken())
	if err != nil {
		return nil, rpc.Error(err)
	}
	response := new(pb.ListAuditResponse)
	var pages []*auditPage
	if at, more := from.of(s.config.NodeID); more {
		own, err := s.ownAudit(request, at, limit)
		if err != nil {
			return nil, rpc.Error(err)
		}
		pages = append(pages, &own)
	}
	others, err := s.otherAudits(ctx, request, from, response)
	if err != nil {
		return nil, rpc.Error(err)
	}
	var next cursors
	if response.Entries, next = mergeAudits(append(pages, others...), limit); len(next) > 0 {
		response.NextPageToken = next.token()
	}
	return response, nil
}

// ownAudit returns the entries of this node before a cursor.
func (s *service) ownAudit(request *pb.ListAuditRequest, from string, limit int) (own auditPage, err error) {
	match, err := auditFilter(request)
	if err != nil {
		return own, err
	}
	own = auditPage{node: s.config.NodeID, from: from}
	found, next, err := s.config.Trail.Before(from, limit, match)
	switch {
	case errors.Is(err, audit.ErrCursor):
		return own, errPageToken
	case err != nil:
		return own, task.Errorf(task.Internal, "the audit can't be read: %w", err)
	}
	own.next = next
	for i := range found {
		own.entries = append(own.entries, describeEntry(&found[i]))
	}
	return own, nil
}

// otherAudits returns those of the other nodes, and names in the response those that
// have not answered.
func (s *service) otherAudits(
	ctx context.Context, request *pb.ListAuditRequest, from cursors, response *pb.ListAuditResponse,
) (pages []*auditPage, err error) {
	ask := func(client adminpbconnect.AdminServiceClient, ctx context.Context, node string) (*pb.ListAuditResponse, error) {
		at, more := from.of(node)
		if !more {
			return new(pb.ListAuditResponse), nil
		}
		theirs, _ := proto.Clone(request).(*pb.ListAuditRequest) // it is one
		theirs.PageToken = at
		return client.ListAudit(ctx, theirs)
	}
	for _, r := range askEachOther(ctx, s, ask) {
		switch {
		case r.err == nil:
			at, _ := from.of(r.node)
			pages = append(pages, &auditPage{r.node, at, r.response.GetEntries(), r.response.GetNextPageToken()})
		case connect.CodeOf(r.err) == connect.CodeInvalidArgument: // it has begun anew since
			return nil, saidBy(r.err)
		default:
			response.UnansweredNodes = append(response.UnansweredNodes, r.node)
		}
	}
	return pages, nil
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

func describeEntry(e *audit.Found) *pb.AuditEntry {
	described := &pb.AuditEntry{
		Time: timestamppb.New(e.Time), Who: text(e.Who), Peer: text(e.Peer), Action: text(e.Action), Target: text(e.Target),
		Result: text(e.Result), NodeId: text(e.Node), Position: e.Cursor, Details: make(map[string]string, len(e.Details)),
	}
	if role, err := adminport.ParseRole(e.Role); err == nil {
		described.Role = roleNumbers[role]
	}
	for key, value := range e.Details {
		described.Details[text(key)] = text(value)
	}
	return described
}
