package admin

import (
	"context"
	"time"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// QueuedMethod is what waits and runs of a method.
type QueuedMethod struct {
	Method string `json:"method"`
	// Pending have not begun, or wait to run again; WaitingToStart and BackingOff of
	// those wait for their time.
	Pending        int `json:"pending"`
	WaitingToStart int `json:"waiting_to_start"`
	BackingOff     int `json:"backing_off"`
	Running        int `json:"running"`
	// Oldest is when the pending one was submitted that has waited for longest.
	Oldest time.Time `json:"oldest_submitted_at,omitzero"`
}

// Queue lists what waits and runs of each method, and the tasks that wait for a time,
// the first to come first; of the filter it uses Method, Plugin and Limit, which is
// how many of those at most. more tells that it left some out.
func (c *Client) Queue(ctx context.Context, filter Filter) (methods []QueuedMethod, due []Execution, more bool, err error) {
	methods, due = []QueuedMethod{}, []Execution{} // no JSON of them is null
	request := &adminpb.ListQueueRequest{Method: filter.Method, Plugin: filter.Plugin}
	more, err = pages(filter.Limit, func(size uint32, token string) (read int, next string, err error) {
		request.PageSize, request.PageToken = size, token
		response, err := call(ctx, c, c.rpc.ListQueue, request)
		for _, m := range response.GetMethods() {
			methods = append(methods, QueuedMethod{
				Method: m.GetMethod(), Pending: int(m.GetPending()), WaitingToStart: int(m.GetWaitingToStart()),
				BackingOff: int(m.GetBackingOff()), Running: int(m.GetRunning()), Oldest: moment(m.GetOldestSubmittedAt()),
			})
		}
		for _, x := range response.GetDue() {
			due = append(due, newExecution(x))
		}
		return len(response.GetDue()), response.GetNextPageToken(), err
	})
	return methods, due, more, err
}
