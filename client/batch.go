package client

import (
	"context"

	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// Batch runs many tasks, at most 10,000, and returns their results in their
// order once all have ended. They may depend on one another in any order, by
// the ids that the caller gives them. All are admitted or none: a refusal is an
// error that names the first bad one by its index. What became of each is in
// its Result, whose Err tells. When ctx ends first, the server cancels those
// that have not ended.
func (c *Client) Batch(ctx context.Context, tasks []Task) ([]Result, error) {
	batch := &taskschedulerpb.BatchRequest{Tasks: make([]*taskschedulerpb.TaskRequest, len(tasks))}
	for i, t := range tasks {
		var err error
		if batch.Tasks[i], err = t.request(); err != nil {
			return nil, task.Errorf(task.ErrorOf(err).Code, "tasks[%d]: %w", i, failureOf(t.Method, t.ID, err))
		}
	}
	response, err := call(ctx, c, c.rpc.SubmitBatch, batch)
	if err != nil {
		return nil, err
	}
	if got := len(response.GetResults()); got != len(tasks) {
		return nil, task.Errorf(task.Internal, "the server answered %d of %d tasks", got, len(tasks))
	}
	results := make([]Result, len(tasks))
	for i, answer := range response.GetResults() {
		results[i] = taskResult(batch.GetTasks()[i].GetTaskId(), answer)
	}
	return results, nil
}
