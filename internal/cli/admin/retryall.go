package admin

import (
	"context"

	"github.com/taskscheduler/taskscheduler/client/admin"
)

const (
	// retryChunk is how many dead letters one call submits again while somebody looks on.
	retryChunk = 500
	// maxTasksShown is how many of them an answer of the server names.
	maxTasksShown = 1000
)

// retryAll submits dead letters again: by one call, which is one line of the audit, or,
// when somebody wants to be told how far it is, by one for each chunk. The oldest come
// first, so what fails once more meanwhile isn't meant.
func retryAll(
	ctx context.Context, client *admin.Client, filter admin.DeadLetterFilter, tell func(done, all int),
) (retried admin.RetriedDeadLetters, err error) {
	if tell == nil {
		return client.RetryDeadLetters(ctx, filter, false)
	}
	if retried, err = client.RetryDeadLetters(ctx, filter, true); err != nil {
		return retried, err
	}
	all, size := retried.Matched, retryChunk
	for left := all; left > 0; left = all - retried.Retried {
		tell(retried.Retried, all)
		filter.Limit = min(size, left)
		chunk, err := client.RetryDeadLetters(ctx, filter, false)
		if err != nil {
			return retried, err
		}
		retried.Retried += chunk.Retried
		retried.Reason, retried.Unanswered = chunk.Reason, chunk.Unanswered
		room := maxTasksShown - len(retried.Tasks)
		retried.Tasks = append(retried.Tasks, chunk.Tasks[:min(room, len(chunk.Tasks))]...)
		switch {
		case chunk.Matched < filter.Limit, len(chunk.Unanswered) > 0, filter.Limit == left && chunk.Retried < left:
			return retried, nil // there are no others, or none that can be
		case chunk.Retried < chunk.Matched:
			size = all // those that can't be would be the oldest of each chunk
		}
	}
	return retried, nil
}
