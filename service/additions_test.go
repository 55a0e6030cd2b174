package service

import (
	"testing"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

func TestSequenceIsRepeated(t *testing.T) {
	client, _ := newClient(t)
	for _, detached := range []bool{false, true} {
		response, err := client.SubmitTask(t.Context(), &pb.TaskRequest{Method: "ping", Sequence: 1 << 60, Detached: detached})
		if err != nil || response.GetSequence() != 1<<60 {
			t.Errorf("detached %t: %v, %v", detached, response, err)
		}
	}
}

// TestFieldsThatAreNotSupportedAreRefused makes sure that nobody who asks for
// an addition of the contract is answered as if it were there.
func TestFieldsThatAreNotSupportedAreRefused(t *testing.T) {
	client, _ := newClient(t)
	for field, request := range map[string]*pb.TaskRequest{
		"durable":         {Durable: true},
		"priority":        {Priority: 1},
		"concurrency_key": {ConcurrencyKey: "invoices"},
	} {
		t.Run(field, func(t *testing.T) {
			request.TaskId, request.Method = field, "ping"
			_, err := client.SubmitTask(t.Context(), request)
			wantCode(t, err, connect.CodeInvalidArgument, field)
			state, err := client.GetResult(t.Context(), &pb.ResultRequest{TaskId: field})
			if err != nil || state.GetStatus() != pb.TaskResponse_NOT_FOUND {
				t.Errorf("the refused submission left %v, %v", state, err)
			}
		})
	}
}
