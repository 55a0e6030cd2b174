package service

import (
	"context"
	"errors"
	"slices"
	"time"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/pause"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/service/internal/peer"
	"github.com/taskscheduler/taskscheduler/task"
)

// mostHops is how often a submission goes to another node before it is given up:
// ids may be given back, and methods unloaded, while it is on its way.
const mostHops = 16

// submitAmong is what becomes of a submission where there are other nodes: it runs
// here, or on one that has its method, or joins the task that another one has under
// its id. A task that has failed is an answer; the error is a refusal.
func (s *service) submitAmong(
	ctx context.Context, caller string, request *wire.TaskRequest,
) (response wire.TaskResponse, err error) {
	deps := request.Deps
	f := forwarding{s: s, ctx: ctx, caller: caller, request: request, deps: deps}
	for hop := range mostHops {
		if s.belongsElsewhere(request) {
			if response, err = f.toAny(); !errors.Is(err, errNowhere) {
				return response, err
			}
		}
		request.Deps = deps
		receipt, err := s.config.Scheduler.Submit(ctx, submission(caller, request))
		held, elsewhere := errors.AsType[*scheduler.HeldError](err)
		switch {
		case elsewhere && request.OriginNodeID != "":
			return response, heldDetail(held)
		case elsewhere:
			response, err = f.to(held.Node)
			if e, ok := errors.AsType[*peer.Error](err); ok && !e.Answered {
				return response, held
			} else if !errors.Is(err, errFree) {
				return response, err
			}
			pauseAt(ctx, hop)
		case err != nil:
			return response, err
		default:
			return s.typed(request, &receipt)
		}
	}
	return response, task.Errorf(task.Unavailable, "task %q went from node to node, and none had it for long; submit it again", request.TaskID)
}

// pauseAt waits a moment before the next hop, which fails if ctx ends: for what is on
// its way elsewhere.
func pauseAt(ctx context.Context, hop int) {
	_ = pause.For(ctx, min(time.Millisecond<<hop, 100*time.Millisecond))
}

// typed is the answer to a submission, with the value if that was asked for.
func (s *service) typed(request *wire.TaskRequest, receipt *scheduler.Receipt) (response wire.TaskResponse, err error) {
	response = s.answer(request.Sequence, receipt)
	if request.TypedResult {
		err = addValue(&response, &receipt.Outcome, s.config.MaxMessageBytes)
	}
	return response, err
}

// belongsElsewhere tells whether a request is for a method that may be on another
// node.
func (s *service) belongsElsewhere(request *wire.TaskRequest) bool {
	return !request.DisableForwarding && request.OriginNodeID == "" && request.Method != "" &&
		s.config.Tasks.Lookup(request.Method) == nil
}

var (
	// errNowhere says that no node takes a submission.
	errNowhere = errors.New("no other node has the method")
	// errFree says that the node that had an id has it no more.
	errFree = errors.New("the id is free")
)

// heldDetail is the error for another node's submission of an id that a third one
// has: it goes on there.
func heldDetail(held *scheduler.HeldError) error {
	e := task.ErrorOf(held)
	detail, err := connect.NewErrorDetail(&pb.TaskResponse{
		TaskId: held.ID, Status: pb.TaskResponse_PENDING, NodeId: held.Node, ErrorCode: uint32(e.Code),
	})
	if err != nil {
		return e
	}
	return &rpc.DetailedError{Err: e, Detail: detail}
}

// A forwarding is a submission on its way to other nodes.
type forwarding struct {
	s       *service
	ctx     context.Context //nolint:containedctx // a forwarding is one call, and this is the call's
	caller  string
	request *wire.TaskRequest
	deps    []string
	message []byte // nil: not encoded yet
}

func (f *forwarding) encode() (err error) {
	if f.message == nil {
		if f.message, err = f.request.Encode(f.deps); err == nil {
			f.message = wire.FromNode(f.message, f.s.config.NodeID)
		}
	}
	return err
}

// toAny submits it to a node that has its method: one after the other, until one
// takes it.
func (f *forwarding) toAny() (wire.TaskResponse, error) {
	var tried []string
	refused := errNowhere
	for {
		node, ok := f.s.config.Nodes.Choose([]string{f.request.Method}, tried)
		if !ok {
			return wire.TaskResponse{}, refused
		}
		response, err := f.to(node)
		if !errors.Is(err, errFree) {
			return response, err
		}
		if answer, ok := errors.AsType[*peer.Error](err); ok && answer.Answered && answer.Err.Code != task.NotFound {
			refused = answer.Err // it has the method
		}
		tried = append(tried, node)
	}
}

// to submits it to a node, and to the one that has its id if that is a third one.
// The error is [errFree] if the node has done nothing with it that leaves a trace.
func (f *forwarding) to(node string) (wire.TaskResponse, error) {
	if err := f.encode(); err != nil {
		return wire.TaskResponse{}, err
	}
	for hop := range mostHops {
		response, err := f.s.peer(node).Submit(f.ctx, f.caller, f.message)
		if err == nil {
			return forwarded(f.request, response)
		}
		e, answered := errors.AsType[*peer.Error](err)
		switch {
		case !answered:
			return wire.TaskResponse{}, err // the caller has left
		case !e.Answered && f.s.config.Nodes.Unreached(err):
			return wire.TaskResponse{}, errors.Join(errFree, e)
		case !e.Answered:
			return wire.TaskResponse{}, task.Errorf(task.Unavailable,
				"node %s, which had the task, has gone: the same id may be submitted again", node)
		case e.Detail != nil && e.Detail.GetStatus() != pb.TaskResponse_PENDING:
			e.Detail.Result = e.Err.Message
			return forwarded(f.request, e.Detail)
		case e.Detail != nil && e.Detail.GetNodeId() != f.s.config.NodeID:
			node = e.Detail.GetNodeId()
			pauseAt(f.ctx, hop)
		case e.Detail != nil, slices.Contains([]task.Code{task.Unavailable, task.NotFound, task.ResourceExhausted}, e.Err.Code):
			return wire.TaskResponse{}, errors.Join(errFree, e)
		default:
			return wire.TaskResponse{}, e.Err
		}
	}
	return wire.TaskResponse{}, errFree
}

// forwarded is another node's answer as this one gives it.
func forwarded(request *wire.TaskRequest, said *pb.TaskResponse) (response wire.TaskResponse, err error) {
	response, err = readAnswer(said)
	response.Sequence = request.Sequence
	return response, err
}

func readAnswer(said *pb.TaskResponse) (response wire.TaskResponse, err error) {
	response = wire.TaskResponse{
		TaskID: said.GetTaskId(), Status: wire.Status(said.GetStatus()), Result: said.GetResult(), NodeID: said.GetNodeId(),
		ErrorCode: said.GetErrorCode(), Attempt: said.GetAttempt(), Sequence: said.GetSequence(),
	}
	if value := said.GetValue(); value != nil {
		response.Value, err = wire.Decode(value.GetTypeUrl(), value.GetValue())
	}
	return response, err
}
