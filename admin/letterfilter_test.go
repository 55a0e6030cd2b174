package admin

import (
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/task"
)

// TestWhatIsNotUnderstoodChangesNothing: a newer client's filter, without what this
// server doesn't know of it, would mean everything.
func TestWhatIsNotUnderstoodChangesNothing(t *testing.T) {
	const newer = 1000
	unknown := protowire.AppendVarint(protowire.AppendTag(nil, newer, protowire.VarintType), 1)
	for name, c := range map[string]struct {
		unknown     []byte
		method      string
		all, refuse bool
	}{
		"nothing":              {refuse: true},
		"all":                  {all: true},
		"a filter":             {method: "add"},
		"both":                 {method: "add", all: true, refuse: true},
		"unknown":              {unknown: unknown, refuse: true},
		"unknown and a filter": {unknown: unknown, method: "add", refuse: true},
	} {
		letters, executions := &pb.DeadLetterFilter{Method: c.method}, &pb.ExecutionFilter{Method: c.method}
		letters.ProtoReflect().SetUnknown(c.unknown)
		executions.ProtoReflect().SetUnknown(c.unknown)
		_, ofLetters := changes(letters, c.all)
		_, ofExecutions := cancelQuery(&pb.CancelExecutionsRequest{Filter: executions, All: c.all})
		for _, err := range []error{ofLetters, ofExecutions} {
			if (err != nil) != c.refuse || err != nil && task.ErrorOf(err).Code != task.InvalidArgument {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if _, err := cancelQuery(&pb.CancelExecutionsRequest{All: true}); err != nil {
		t.Errorf("all of them, without a filter: %v", err)
	}
}
