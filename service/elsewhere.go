package service

import (
	"context"
	"errors"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/pause"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/service/internal/peer"
	"github.com/taskscheduler/taskscheduler/task"
)

// lookAgain is how long after a node that has a task has not answered it is looked
// for again: another one takes it over.
const lookAgain = 250 * time.Millisecond

// A search is for the node that has a task, to ask it something. A task may end, and
// change its node, at any moment: so one goes on until a node has an answer, this one
// has the task by now, or nobody knows of it.
type search struct {
	service *service
	id      string
	// patient: as long as the caller waits. Else a node that has the task and doesn't
	// answer is an error.
	patient bool
	// ask asks another node; here looks whether this one knows it.
	ask  func(*peer.Client) (known bool, err error)
	here func() (known bool, err error)
}

// run returns with the answer of one of the two, or known is false.
func (s *search) run(ctx context.Context) (known bool, err error) {
	for seen := false; ; {
		node, found, missed := s.service.config.Nodes.Locate(ctx, s.id)
		if found {
			if known, err = s.ask(s.service.peer(node)); known && err == nil || err != nil && !s.goesOn(err) {
				return known, plainError(err)
			}
			if seen = true; err != nil {
				missed = err
			}
		}
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		switch known, err = s.here(); { // it may have ended, or have come here
		case known || err != nil:
			return known, err
		case missed == nil && !found, missed == nil && !s.patient:
			return false, nil
		case missed != nil && (!s.patient || !seen):
			return false, task.Errorf(task.Unavailable, "a node that may have the task does not answer: %v", missed)
		}
		if err := pause.For(ctx, lookAgain); err != nil {
			return false, err
		}
	}
}

// goesOn tells whether an error of a node is no answer: it has gone, or is about to.
func (s *search) goesOn(err error) bool {
	e, ok := errors.AsType[*peer.Error](err)
	return ok && (!e.Answered || s.patient && e.Err.Code == task.Unavailable)
}

// plainError is another node's error as this one gives it.
func plainError(err error) error {
	if e, ok := errors.AsType[*peer.Error](err); ok {
		return e.Err
	}
	return err
}

// resultElsewhere is what the node that has a task tells of it; nil if none has it.
// here tells whether this one has it by now.
func (s *service) resultElsewhere(
	ctx context.Context, x asked, ask func(*peer.Client) (*pb.ResultResponse, error),
	here func(context.Context, string) (scheduler.Outcome, bool, error),
) (response *wire.ResultResponse, err error) {
	find := search{service: s, id: x.id, patient: x.patient}
	find.ask = func(c *peer.Client) (bool, error) {
		said, err := ask(c)
		if err != nil || said.GetStatus() == pb.TaskResponse_NOT_FOUND {
			return false, err
		}
		response, err = readResult(said)
		return true, err
	}
	find.here = func() (bool, error) {
		outcome, known, err := here(ctx, x.id)
		if known && err == nil {
			response, err = s.result(outcome, known, nil, x.typed)
		}
		return known, err
	}
	if known, err := find.run(ctx); !known || err != nil {
		return nil, err
	}
	return response, nil
}

// asked is what somebody asks about a task.
type asked struct {
	id             string
	typed, patient bool
}

func readResult(said *pb.ResultResponse) (response *wire.ResultResponse, err error) {
	response = &wire.ResultResponse{
		Status: wire.Status(said.GetStatus()), Result: said.GetResult(), NodeID: said.GetNodeId(),
		ErrorCode: said.GetErrorCode(), Attempt: said.GetAttempt(),
	}
	if value := said.GetValue(); value != nil {
		response.Value, err = wire.Decode(value.GetTypeUrl(), value.GetValue())
	}
	return response, err
}

// waitElsewhere waits for the end of a task that another node has, as long as ctx.
func (s *service) waitElsewhere(ctx context.Context, request *pb.WaitResultRequest) (response *wire.ResultResponse, err error) {
	grace, cancel := withGrace(ctx)
	defer cancel()
	ask := func(c *peer.Client) (*pb.ResultResponse, error) {
		again := &pb.WaitResultRequest{TaskId: request.GetTaskId(), TimeoutMs: leftOf(ctx), TypedResult: request.GetTypedResult()}
		return c.WaitResult(grace, callerIn(ctx), again)
	}
	here := func(_ context.Context, id string) (scheduler.Outcome, bool, error) { return s.waitHere(ctx, id) }
	x := asked{id: request.GetTaskId(), typed: request.GetTypedResult(), patient: true}
	for {
		response, err = s.resultElsewhere(grace, x, ask, here)
		switch {
		case errors.Is(err, context.DeadlineExceeded): // its node has gone, and no other one has it yet
			return &wire.ResultResponse{Status: wire.Pending, NodeID: s.config.NodeID}, nil
		case err != nil || response == nil || ctx.Err() != nil,
			response.Status != wire.Pending && response.Status != wire.Running:
			return response, err
		}
		// The node bounds a wait more than this one does.
	}
}

// waitGrace is what a node has to answer when the wait that it was asked for is over.
const waitGrace = time.Second

// withGrace returns a context that ends a moment after ctx's deadline, and at once
// when the caller leaves.
func withGrace(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	grace, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline.Add(waitGrace))
	stop := context.AfterFunc(ctx, func() {
		if errors.Is(ctx.Err(), context.Canceled) {
			cancel()
		}
	})
	return grace, func() { stop(); cancel() }
}

// leftOf returns how many milliseconds ctx has, at least one.
func leftOf(ctx context.Context) uint64 {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 0
	}
	return uint64(max(time.Until(deadline).Milliseconds(), 1))
}

// cancelElsewhere cancels a task that another node has.
func (s *service) cancelElsewhere(ctx context.Context, request *pb.CancelRequest) (response *pb.CancelResponse, err error) {
	find := search{service: s, id: request.GetTaskId()}
	find.ask = func(c *peer.Client) (known bool, err error) {
		response, err = c.CancelTask(ctx, callerIn(ctx), request)
		return response.GetStatus() != pb.TaskResponse_NOT_FOUND, err
	}
	find.here = func() (bool, error) {
		c, err := s.config.Scheduler.Cancel(ctx, request.GetTaskId())
		response = cancelResponse(c)
		return c.Known, err
	}
	known, err := find.run(ctx)
	if !known && err == nil {
		response = &pb.CancelResponse{Status: pb.TaskResponse_NOT_FOUND}
	}
	return response, err
}

// describeElsewhere asks a node that has a method; nil if none has it.
func (s *service) describeElsewhere(ctx context.Context, request *pb.DescribeTaskRequest) *pb.TaskDescription {
	node, ok := s.config.Nodes.Choose([]string{request.GetMethod()}, nil)
	if !ok {
		return nil
	}
	description, err := s.peer(node).DescribeTask(ctx, callerIn(ctx), request)
	if err != nil {
		return nil // as if it had none, which may be so by now
	}
	return description
}
