package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/deadletter"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/stats"
	"github.com/taskscheduler/taskscheduler/task"
)

// maxRetriedShown is how many tasks the answer to a retry names.
const maxRetriedShown = 1000

// chosen returns the ids of the letters that a filter chooses, the oldest first.
func (s *service) chosen(filter letterFilter) []string {
	found := s.config.DeadLetters.Select(filter.matches)
	ids := make([]string, len(found))
	for i := range found {
		ids[len(found)-1-i] = found[i].Execution.ID
	}
	return ids
}

// RetryDeadLetters implements the rpc of that name.
func (s *service) RetryDeadLetters(
	ctx context.Context, request *pb.RetryDeadLettersRequest,
) (*pb.RetryDeadLettersResponse, error) {
	filter, err := changes(request.GetFilter(), request.GetAll())
	if err != nil {
		return nil, rpc.Error(err)
	}
	ids := s.chosen(filter)
	if limit := int(request.GetLimit()); limit > 0 {
		ids = ids[:min(limit, len(ids))]
	}
	response := &pb.RetryDeadLettersResponse{Matched: rpc.Count(len(ids))}
	if request.GetDryRun() {
		s.retryElsewhere(ctx, request, response)
		return response, nil
	}
	s.retryEach(ctx, ids, response)
	var reason error
	if response.GetReason() != "" {
		reason = errors.New(response.GetReason())
	}
	if s.worthALine(ctx, len(ids)) {
		s.audit(ctx, "retry dead letters", filter.target(), reason,
			slog.Int("matched", len(ids)), slog.Int("retried", int(response.GetRetried())))
	}
	s.publishLetters(stats.DeadLettersRetried, response.GetRetried(), "submitted again")
	s.retryElsewhere(ctx, request, response)
	return response, nil
}

// worthALine tells whether a change has a line in the audit: not one that another node
// asks for and that finds nothing here. That node has one.
func (s *service) worthALine(ctx context.Context, matched int) bool {
	return matched > 0 || !isFromNode(ctx)
}

// retryEach submits the tasks again, until the server takes no more.
func (s *service) retryEach(ctx context.Context, ids []string, response *pb.RetryDeadLettersResponse) {
	for _, id := range ids {
		var newID string
		err := s.config.DeadLetters.Take(id, func(letter *scheduler.DeadLetter) (err error) {
			newID, err = s.config.Scheduler.Resubmit(ctx, letter)
			return err
		})
		switch {
		case errors.Is(err, deadletter.ErrGone): // someone else was faster
			continue
		case err != nil && response.GetReason() == "":
			response.Reason = text(fmt.Sprintf("%s: %s: %v", id, task.ErrorOf(err).Code, err))
		}
		if code := codeOfError(err); code == task.Unavailable || code == task.ResourceExhausted || ctx.Err() != nil {
			return
		}
		if err == nil {
			response.Retried++
			if len(response.GetDeadLetters()) < maxRetriedShown {
				response.DeadLetters = append(response.DeadLetters, &pb.RetriedDeadLetter{Id: id, NewId: newID})
			}
		}
	}
}

func codeOfError(err error) task.Code {
	if err == nil {
		return task.OK
	}
	return task.ErrorOf(err).Code
}

// DropDeadLetters implements the rpc of that name.
func (s *service) DropDeadLetters(
	ctx context.Context, request *pb.DropDeadLettersRequest,
) (*pb.DropDeadLettersResponse, error) {
	filter, err := changes(request.GetFilter(), request.GetAll())
	if err != nil {
		return nil, rpc.Error(err)
	}
	ids := s.chosen(filter)
	response := &pb.DropDeadLettersResponse{Matched: rpc.Count(len(ids))}
	if request.GetDryRun() {
		s.dropElsewhere(ctx, request, response)
		return response, nil
	}
	dropped, undo, until := s.config.DeadLetters.Drop(ids...)
	if response.Dropped = rpc.Count(dropped); dropped > 0 {
		response.UndoToken, response.UndoUntil = undo, timestamppb.New(until)
	}
	if s.worthALine(ctx, len(ids)) {
		s.audit(ctx, "drop dead letters", filter.target(), nil,
			slog.Int("matched", len(ids)), slog.Int("dropped", int(response.GetDropped())))
	}
	s.publishLetters(stats.DeadLettersDropped, response.GetDropped(), "dropped")
	s.dropElsewhere(ctx, request, response)
	return response, nil
}

// UndropDeadLetters implements the rpc of that name.
func (s *service) UndropDeadLetters(
	ctx context.Context, request *pb.UndropDeadLettersRequest,
) (*pb.UndropDeadLettersResponse, error) {
	restored, here := s.undropHere(request.GetUndoToken())
	response := &pb.UndropDeadLettersResponse{Restored: rpc.Count(restored)}
	there := s.undropElsewhere(ctx, request, response)
	var err error
	if !here && !there {
		err = task.Errorf(task.NotFound, "these dead letters can't be brought back, or not any more: they can for a minute")
	}
	if here || s.worthALine(ctx, restored) {
		s.audit(ctx, "undrop dead letters", "", err, slog.Int("restored", restored))
	}
	if err != nil {
		return nil, rpc.Error(err)
	}
	s.publishLetters(stats.DeadLettersUndropped, rpc.Count(restored), "brought back")
	return response, nil
}

func (s *service) publishLetters(kind stats.Kind, n uint32, what string) {
	if n > 0 {
		s.config.Feed.Publish(stats.Event{Time: time.Now(), Kind: kind, Message: fmt.Sprintf("%d dead letters were %s", n, what)})
	}
}

// target is what an audit line says of the letters that were meant.
func (f letterFilter) target() string {
	if chosen := f.String(); chosen != "" {
		return chosen
	}
	return "all"
}
