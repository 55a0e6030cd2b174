package service

import (
	"context"
	"sync"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// maxBatch is how many tasks a batch may have, by the contract.
const maxBatch = 10_000

// submitBatch answers SubmitBatch.
func (s *service) submitBatch(ctx context.Context, batch *wire.BatchRequest) (*wire.BatchResponse, error) {
	if s.config.Nodes != nil {
		if response, ok, err := s.batchElsewhere(ctx, batch); ok {
			return response, err
		}
	}
	list := requestLists.Get().(*[]scheduler.Request) //nolint:forcetypeassert // the pool has nothing else
	defer freeRequests(list, batch)
	requests := append(*list, make([]scheduler.Request, len(batch.Tasks))...)
	*list = requests
	var deps [][]string // as they were
	if s.config.Nodes != nil {
		deps = make([][]string, len(batch.Tasks))
	}
	for i := range batch.Tasks {
		request := &batch.Tasks[i]
		if err := s.unsupported(request); err != nil {
			return nil, (&scheduler.BatchError{Index: i, Err: task.ErrorOf(err)}).Unwrap()
		}
		if deps != nil {
			deps[i] = request.Deps
		}
		requests[i] = submission(callerIn(ctx), request)
	}
	receipts, err := s.config.Scheduler.SubmitBatch(ctx, requests)
	if err != nil {
		return s.batchHeld(ctx, batch, deps, err)
	}
	response := &wire.BatchResponse{Results: make([]wire.TaskResponse, len(receipts))}
	room := s.config.MaxMessageBytes
	for i := range receipts {
		request, answer := &batch.Tasks[i], &response.Results[i]
		*answer = s.answer(request.Sequence, &receipts[i])
		if request.TypedResult && addValue(answer, &receipts[i].Outcome, room) != nil {
			withhold(answer)
		}
		room -= s.fit(answer, room)
	}
	return response, nil
}

// requestLists are for the requests of any batch.
var requestLists = sync.Pool{New: func() any { return new([]scheduler.Request) }}

// freeRequests lets another batch have the room of one that is answered.
func freeRequests(list *[]scheduler.Request, batch *wire.BatchRequest) {
	batch.Free()
	if clear(*list); cap(*list) <= wire.KeptBatch {
		*list = (*list)[:0]
		requestLists.Put(list)
	}
}

// fit makes an answer fit into that many bytes, and returns about how many it
// takes. One that is too large says so; GetResult has the rest.
func (s *service) fit(r *wire.TaskResponse, room int) (size int) {
	if size = r.Size(); size <= room || r.Result == "" {
		return size
	}
	withhold(r)
	return r.Size()
}

// withhold leaves the result out of an answer for which there is no room.
func withhold(r *wire.TaskResponse) {
	r.Result, r.Value = "", task.Null()
	r.ErrorCode = uint32(task.ResourceExhausted)
}
