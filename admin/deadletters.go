package admin

import (
	"context"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/deadletter"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// deadLetters is what the service wants of a [deadletter.List].
type deadLetters interface {
	Select(match func(*scheduler.DeadLetter) bool) []scheduler.DeadLetter
	Find(id string) (letter scheduler.DeadLetter, ok bool)
	Take(id string, use func(*scheduler.DeadLetter) error) error
	Drop(ids ...string) (dropped int, undo string, until time.Time)
	Undrop(undo string) (restored int, ok bool)
	Totals() deadletter.Totals
}

// ListDeadLetters implements the rpc of that name.
func (s *service) ListDeadLetters(
	ctx context.Context, request *pb.ListDeadLettersRequest,
) (*pb.ListDeadLettersResponse, error) {
	filter, err := newLetterFilter(request.GetFilter())
	if err != nil {
		return nil, rpc.Error(err)
	}
	after, err := parsePosition(request.GetPageToken())
	if err != nil {
		return nil, rpc.Error(err)
	}
	found := s.config.DeadLetters.Select(func(letter *scheduler.DeadLetter) bool {
		return (after == nil || endOf(letter).compare(*after) > 0) && filter.matches(letter)
	})
	slices.SortStableFunc(found, func(a, b scheduler.DeadLetter) int { return endOf(&a).compare(endOf(&b)) })
	response, limit := new(pb.ListDeadLettersResponse), pageSize(request.GetPageSize())
	if len(found) > limit {
		found = found[:limit]
		response.NextPageToken = endOf(&found[limit-1]).token()
	}
	for i := range found {
		letter := describeLetter(&found[i])
		s.showLetter(ctx, letter)
		response.DeadLetters = append(response.DeadLetters, letter)
	}
	s.addOtherLetters(ctx, response, request, limit)
	return response, nil
}

// endOf returns where a letter stands in the order of ListDeadLetters.
func endOf(letter *scheduler.DeadLetter) position {
	return position{letter.Execution.Ended.UnixNano(), letter.Execution.ID}
}

// showLetter adds to a letter's description what only this server knows, and takes out
// what the caller may not see.
func (s *service) showLetter(ctx context.Context, described *pb.DeadLetter) {
	described.Execution.NodeId = s.config.NodeID
	if s.hidesValues(ctx) {
		described.Execution.Message = ""
	}
}

func describeLetter(letter *scheduler.DeadLetter) *pb.DeadLetter {
	return &pb.DeadLetter{
		Execution:     describeExecution(&letter.Execution),
		Arguments:     rpc.Count(len(letter.Args)),
		ArgumentBytes: uint64(max(letter.ArgBytes, 0)),
	}
}

// GetDeadLetter implements the rpc of that name.
func (s *service) GetDeadLetter(ctx context.Context, request *pb.GetDeadLetterRequest) (*pb.GetDeadLetterResponse, error) {
	if request.GetArguments() && !s.config.KeepArguments {
		return nil, rpc.Error(errArgumentsHidden)
	}
	letter, ok := s.config.DeadLetters.Find(request.GetId())
	if !ok {
		response, err := s.letterElsewhere(ctx, request)
		return response, rpc.Error(err)
	}
	response := describePolicy(&letter)
	s.showLetter(ctx, response.GetDeadLetter())
	response.ValuesHidden = s.hidesValues(ctx)
	if !request.GetArguments() || response.GetValuesHidden() {
		return response, nil
	}
	args, err := pack(letter.Args)
	s.audit(ctx, "show arguments", letter.Execution.ID, err) // which may be secrets
	response.Arguments = args
	return response, rpc.Error(err)
}

// describePolicy describes a letter, but for its arguments.
func describePolicy(letter *scheduler.DeadLetter) *pb.GetDeadLetterResponse {
	described := &pb.GetDeadLetterResponse{
		DeadLetter:     describeLetter(letter),
		InitialBackoff: durationpb.New(letter.Retry.InitialBackoff),
		MaxBackoff:     durationpb.New(letter.Retry.MaxBackoff),
		Multiplier:     letter.Retry.Multiplier,
	}
	if letter.ExecutionTimeout > 0 {
		described.ExecutionTimeout = durationpb.New(letter.ExecutionTimeout)
	}
	for _, code := range letter.Retry.Codes {
		described.Codes = append(described.Codes, code.String())
	}
	return described
}

func pack(args []task.Value) ([]*anypb.Any, error) {
	packed := make([]*anypb.Any, len(args))
	for i, arg := range args {
		typeURL, value, err := wire.Encode(arg)
		if err != nil {
			return nil, err
		}
		packed[i] = &anypb.Any{TypeUrl: typeURL, Value: value}
	}
	return packed, nil
}
