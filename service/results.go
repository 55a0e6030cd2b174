package service

import (
	"context"
	"errors"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/service/internal/peer"
)

func (s *service) getResult(ctx context.Context, request *pb.ResultRequest) (*wire.ResultResponse, error) {
	outcome, known, err := s.config.Scheduler.Get(ctx, request.GetTaskId())
	if !known && err == nil && s.asksOthers(ctx) {
		ask := func(c *peer.Client) (*pb.ResultResponse, error) { return c.GetResult(ctx, callerIn(ctx), request) }
		x := asked{id: request.GetTaskId(), typed: request.GetTypedResult()}
		if response, err := s.resultElsewhere(ctx, x, ask, s.config.Scheduler.Get); response != nil || err != nil {
			return response, err
		}
	}
	return s.result(outcome, known, err, request.GetTypedResult())
}

const defaultWait = 30 * time.Second // the contract's

func (s *service) waitResult(ctx context.Context, request *pb.WaitResultRequest) (*wire.ResultResponse, error) {
	wait := milliseconds(request.GetTimeoutMs())
	if wait == 0 {
		wait = defaultWait
	}
	ctx, cancel := context.WithTimeout(ctx, min(wait, s.config.MaxWait))
	defer cancel()
	outcome, known, err := s.waitHere(ctx, request.GetTaskId())
	// Who waits at a node that stops is told to go elsewhere: that ends when its callers have.
	moved := errors.Is(err, scheduler.ErrMoved) && !s.config.Scheduler.Draining()
	if (moved || !known && err == nil) && s.asksOthers(ctx) {
		if response, err := s.waitElsewhere(ctx, request); response != nil || err != nil {
			return response, err
		}
	}
	return s.result(outcome, known, err, request.GetTypedResult())
}

// waitHere waits for the end of a task that this node has. If ctx's deadline comes first,
// it tells how the task stands then: what is over is the wait, not the request, and a
// store on other machines may take longer than a short one.
func (s *service) waitHere(ctx context.Context, id string) (o scheduler.Outcome, known bool, err error) {
	o, known, err = s.config.Scheduler.Wait(ctx, id)
	if err == nil || !errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return o, known, err
	}
	grace, cancel := withGrace(ctx)
	defer cancel()
	return s.config.Scheduler.Get(grace, id)
}

// result is what a client is told of a task that it asks for.
func (s *service) result(o scheduler.Outcome, known bool, err error, typed bool) (*wire.ResultResponse, error) {
	switch {
	case err != nil:
		return nil, err
	case !known:
		return &wire.ResultResponse{Status: wire.NotFound, NodeID: s.config.NodeID}, nil
	}
	response := s.response(&o)
	if typed {
		err = addValue(&response, &o, s.config.MaxMessageBytes)
	}
	return (*wire.ResultResponse)(&response), err
}

// CancelTask implements the rpc of that name.
func (s *service) CancelTask(ctx context.Context, request *pb.CancelRequest) (*pb.CancelResponse, error) {
	c, err := s.config.Scheduler.Cancel(ctx, request.GetTaskId())
	switch {
	case err != nil:
		return nil, rpc.Error(err)
	case !c.Known && s.asksOthers(ctx):
		response, err := s.cancelElsewhere(ctx, request)
		return response, rpc.Error(err)
	}
	return cancelResponse(c), nil
}

func cancelResponse(c scheduler.Cancellation) *pb.CancelResponse {
	response := &pb.CancelResponse{Cancelled: c.Done, Status: pb.TaskResponse_NOT_FOUND}
	if c.Known {
		response.Status = pb.TaskResponse_Status(status(c.State))
	}
	return response
}
