package service

import (
	"context"
	"errors"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/service/internal/peer"
	"github.com/taskscheduler/taskscheduler/task"
)

// batchElsewhere submits a batch to a node that has all its methods, as a whole,
// since it is admitted as a whole. ok is false if this node can take it.
func (s *service) batchElsewhere(
	ctx context.Context, batch *wire.BatchRequest,
) (response *wire.BatchResponse, ok bool, err error) {
	missing := -1 // here
	seen := make(map[string]bool)
	var methods []string
	for i := range batch.Tasks {
		request := &batch.Tasks[i]
		switch {
		case request.OriginNodeID != "", request.DisableForwarding, request.Refused != nil:
			return nil, false, nil //nolint:nilerr // what refuses it is told where batches are looked at
		case !seen[request.Method]:
			seen[request.Method] = true
			methods = append(methods, request.Method)
		}
		if missing < 0 && s.belongsElsewhere(request) {
			missing = i
		}
	}
	if missing < 0 {
		return nil, false, nil
	}
	message, err := s.encodeBatch(batch)
	if err != nil {
		return nil, true, err
	}
	refused := task.Errorf(task.NotFound, "tasks[%d]: method %q is not here, and no node has all methods of the batch: submit its tasks one by one",
		missing, batch.Tasks[missing].Method)
	for tried := []string(nil); ; {
		node, found := s.config.Nodes.Choose(methods, tried)
		if !found {
			return nil, true, refused
		}
		response, err = s.batchTo(ctx, node, message)
		e, answered := errors.AsType[*peer.Error](err)
		switch {
		case !answered || e.Answered && e.Err.Code != task.Unavailable && e.Err.Code != task.NotFound:
			return response, true, plainError(err)
		case !e.Answered && !s.config.Nodes.Unreached(err):
			return nil, true, lostBatch(node)
		}
		refused, tried = e.Err, append(tried, node)
	}
}

// batchHeld submits a batch to the node that has one of its ids, if err says so: there
// it joins what was submitted before.
func (s *service) batchHeld(
	ctx context.Context, batch *wire.BatchRequest, deps [][]string, err error,
) (*wire.BatchResponse, error) {
	refused, ok := errors.AsType[*scheduler.BatchError](err)
	if !ok || !s.asksOthers(ctx) {
		return nil, err
	}
	held, ok := errors.AsType[*scheduler.HeldError](refused.Err)
	if !ok {
		return nil, err
	}
	for i := range batch.Tasks {
		batch.Tasks[i].Deps = deps[i]
	}
	message, err := s.encodeBatch(batch)
	if err != nil {
		return nil, err
	}
	response, err := s.batchTo(ctx, held.Node, message)
	if e, ok := errors.AsType[*peer.Error](err); ok && !e.Answered {
		return nil, lostBatch(held.Node)
	}
	return response, plainError(err)
}

func lostBatch(node string) error {
	return task.Errorf(task.Unavailable, "node %s, which had the batch, has gone: the same batch may be submitted again", node)
}

func (s *service) encodeBatch(batch *wire.BatchRequest) ([]byte, error) {
	messages := make([][]byte, len(batch.Tasks))
	for i := range batch.Tasks {
		message, err := batch.Tasks[i].Encode(batch.Tasks[i].Deps)
		if err != nil {
			return nil, (&scheduler.BatchError{Index: i, Err: task.ErrorOf(err)}).Unwrap()
		}
		messages[i] = wire.FromNode(message, s.config.NodeID)
	}
	return wire.EncodeBatch(messages), nil
}

// batchTo submits a batch to a node.
func (s *service) batchTo(ctx context.Context, node string, message []byte) (*wire.BatchResponse, error) {
	said, err := s.peer(node).SubmitBatch(ctx, callerIn(ctx), message)
	if err != nil {
		return nil, err
	}
	response := &wire.BatchResponse{Results: make([]wire.TaskResponse, len(said.GetResults()))}
	for i, result := range said.GetResults() {
		if response.Results[i], err = readAnswer(result); err != nil {
			return nil, err
		}
	}
	return response, nil
}
