package admin

import (
	"context"
	"time"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// QueuedMethod is what waits and runs of a method on a node.
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
	NodeID string    `json:"node_id,omitempty"`
}

// QueueList is what waits on all nodes.
type QueueList struct {
	// Methods are those of which something runs or waits, the one with most that waits first.
	Methods []QueuedMethod `json:"methods"`
	// Due are the tasks that wait for a time, the first to come first.
	Due []Execution `json:"due"`
	// More: Filter.Limit left some of Due out.
	More bool `json:"more"`
	// Unanswered are the ids of nodes that did not answer in time: theirs are missing.
	Unanswered []string `json:"unanswered_nodes,omitempty"`
}

// Queue lists what waits and runs: of QueueList.Due those that the filter lets pass, and
// methods by its Method and Plugin alone.
func (c *Client) Queue(ctx context.Context, filter Filter) (QueueList, error) {
	list := QueueList{Methods: []QueuedMethod{}, Due: []Execution{}} // no JSON of them is null
	which, err := filter.message()
	if err != nil {
		return list, err
	}
	// Method and plugin are for servers that don't know the filter yet.
	request := &adminpb.ListQueueRequest{Method: filter.Method, Plugin: filter.Plugin, Filter: which}
	list.More, err = pages(filter.Limit, func(size uint32, token string) (read int, next string, err error) {
		request.PageSize, request.PageToken = size, token
		response, err := call(ctx, c, c.rpc.ListQueue, request)
		for _, m := range response.GetMethods() {
			list.Methods = append(list.Methods, QueuedMethod{
				Method: m.GetMethod(), Pending: int(m.GetPending()), WaitingToStart: int(m.GetWaitingToStart()),
				BackingOff: int(m.GetBackingOff()), Running: int(m.GetRunning()), Oldest: moment(m.GetOldestSubmittedAt()),
				NodeID: m.GetNodeId(),
			})
		}
		for _, x := range response.GetDue() {
			list.Due = append(list.Due, newExecution(x))
		}
		list.Unanswered = addNew(list.Unanswered, response.GetUnansweredNodes())
		return len(response.GetDue()), response.GetNextPageToken(), err
	})
	return list, err
}
