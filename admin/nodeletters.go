package admin

import (
	"context"
	"slices"
	"strings"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/task"
)

// Each node has the dead letters of its own tasks, and of those that it took over from
// nodes that are gone. Operators see them as one list.

// addOtherLetters adds the letters of the other nodes to a page of this one's.
func (s *service) addOtherLetters(
	ctx context.Context, page *pb.ListDeadLettersResponse, request *pb.ListDeadLettersRequest, limit int,
) {
	more := page.GetNextPageToken() != ""
	for _, r := range askOthers(ctx, s, request, adminpbconnect.AdminServiceClient.ListDeadLetters) {
		if r.err != nil {
			page.UnansweredNodes = append(page.UnansweredNodes, r.node)
			continue
		}
		page.DeadLetters = append(page.DeadLetters, r.response.GetDeadLetters()...)
		more = more || r.response.GetNextPageToken() != ""
	}
	sortByPlace(page.GetDeadLetters(), letterPlace)
	// While one is taken over, two nodes may have it.
	all := slices.CompactFunc(page.GetDeadLetters(), func(a, b *pb.DeadLetter) bool {
		return letterPlace(a) == letterPlace(b)
	})
	page.DeadLetters, page.NextPageToken = cut(all, letterPlace, limit, more)
}

// letterPlace is endOf for a letter that a node has described.
func letterPlace(letter *pb.DeadLetter) position {
	x := letter.GetExecution()
	return position{x.GetEndedAt().AsTime().UnixNano(), x.GetId()}
}

var errNoLetter = task.Errorf(task.NotFound, "there is no dead letter of this id, or none any more")

// letterElsewhere is a letter that another node has.
func (s *service) letterElsewhere(ctx context.Context, request *pb.GetDeadLetterRequest) (*pb.GetDeadLetterResponse, error) {
	unknown := error(errNoLetter)
	for _, r := range askOthers(ctx, s, request, adminpbconnect.AdminServiceClient.GetDeadLetter) {
		switch {
		case r.err == nil:
			return r.response, nil
		case connect.CodeOf(r.err) == connect.CodeNotFound:
		case connect.IsWireError(r.err):
			unknown = saidBy(r.err)
		default:
			unknown = task.Errorf(task.Unavailable, "no node that answers has the dead letter, and node %s does not answer", r.node)
		}
	}
	return nil, unknown
}

// retryElsewhere has the other nodes submit their letters again, and adds what came of
// it.
func (s *service) retryElsewhere(ctx context.Context, request *pb.RetryDeadLettersRequest, all *pb.RetryDeadLettersResponse) {
	limit := commonLimit{left: &request.Limit, all: request.GetLimit(), used: all.GetMatched}
	all.UnansweredNodes = changeEach(ctx, s, request.GetDryRun(), request, limit,
		adminpbconnect.AdminServiceClient.RetryDeadLetters, func(response *pb.RetryDeadLettersResponse) {
			all.Matched += response.GetMatched()
			all.Retried += response.GetRetried()
			room := max(maxRetriedShown-len(all.GetDeadLetters()), 0)
			all.DeadLetters = append(all.DeadLetters, response.GetDeadLetters()[:min(room, len(response.GetDeadLetters()))]...)
			if all.GetReason() == "" {
				all.Reason = response.GetReason()
			}
		})
}

// wordBetween stands between the nodes' own words in the one that undoes what all of
// them have dropped. No word has it.
const wordBetween = "-"

// dropElsewhere has the other nodes drop their letters, and adds what came of it.
func (s *service) dropElsewhere(ctx context.Context, request *pb.DropDeadLettersRequest, all *pb.DropDeadLettersResponse) {
	all.UnansweredNodes = changeEach(ctx, s, request.GetDryRun(), request, commonLimit{},
		adminpbconnect.AdminServiceClient.DropDeadLetters, func(response *pb.DropDeadLettersResponse) {
			all.Matched += response.GetMatched()
			all.Dropped += response.GetDropped()
			if response.GetUndoToken() == "" {
				return
			}
			if all.GetUndoToken() != "" {
				all.UndoToken += wordBetween
			}
			all.UndoToken += response.GetUndoToken()
			if until := response.GetUndoUntil(); all.GetUndoUntil() == nil || until.AsTime().Before(all.GetUndoUntil().AsTime()) {
				all.UndoUntil = until
			}
		})
}

// undropHere brings back what this node has dropped under one of the words.
func (s *service) undropHere(words string) (restored int, ok bool) {
	for word := range strings.SplitSeq(words, wordBetween) {
		n, known := s.config.DeadLetters.Undrop(word)
		restored, ok = restored+n, ok || known
	}
	return restored, ok
}

// undropElsewhere has the other nodes bring back what they have dropped under one of
// the words, and adds what came of it. ok is false if none has.
func (s *service) undropElsewhere(
	ctx context.Context, request *pb.UndropDeadLettersRequest, all *pb.UndropDeadLettersResponse,
) (ok bool) {
	for _, r := range askOthers(ctx, s, request, adminpbconnect.AdminServiceClient.UndropDeadLetters) {
		switch {
		case r.err == nil:
			all.Restored, ok = all.GetRestored()+r.response.GetRestored(), true
		case connect.CodeOf(r.err) != connect.CodeNotFound:
			all.UnansweredNodes = append(all.UnansweredNodes, r.node)
		}
	}
	return ok
}
