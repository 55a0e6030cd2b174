package admin

import (
	"context"

	"github.com/taskscheduler/taskscheduler/client/admin"
)

// maxTasksShown is how many of those that run again an answer of the server names.
const maxTasksShown = 1000

// retryAll submits dead letters again: by one call, which is one line of the audit, or,
// when somebody wants to be told how far it is, by one for each chunk.
func retryAll(
	ctx context.Context, client *admin.Client, filter admin.DeadLetterFilter, tell tell,
) (retried admin.RetriedDeadLetters, err error) {
	if tell == nil {
		return client.RetryDeadLetters(ctx, filter, false)
	}
	if retried, err = client.RetryDeadLetters(ctx, filter, true); err != nil {
		return retried, err
	}
	err = inChunks(retried.Matched, tell, func(limit int) (chunk, error) {
		filter.Limit = limit
		answer, err := client.RetryDeadLetters(ctx, filter, false)
		if err != nil {
			return chunk{}, err
		}
		retried.Retried += answer.Retried
		retried.Reason, retried.Unanswered = answer.Reason, answer.Unanswered
		room := maxTasksShown - len(retried.Tasks)
		retried.Tasks = append(retried.Tasks, answer.Tasks[:min(room, len(answer.Tasks))]...)
		return chunk{answer.Matched, answer.Retried, answer.Reason != "" || len(answer.Unanswered) > 0}, nil
	})
	return retried, err
}

// cancelAll cancels in the same way.
func cancelAll(
	ctx context.Context, client *admin.Client, filter admin.Filter, all bool, tell tell,
) (matched, cancelled int, err error) {
	if tell == nil {
		return client.CancelExecutions(ctx, filter, all, false)
	}
	matched, _, err = client.CancelExecutions(ctx, filter, all, true)
	if err != nil && matched == 0 {
		return 0, 0, err
	}
	var wrong error // of the last call
	err = inChunks(matched, tell, func(limit int) (chunk, error) {
		filter.Limit = limit
		found, done, err := client.CancelExecutions(ctx, filter, all, false)
		if err != nil && found == 0 {
			return chunk{}, err
		}
		cancelled, wrong = cancelled+done, err
		return chunk{found, done, err != nil}, nil
	})
	if err == nil {
		err = wrong
	}
	return matched, cancelled, err
}
