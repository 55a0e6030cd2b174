package admin

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/task"
)

// The prefixes of the contract's names for states and kinds.
const (
	taskKindPrefix       = "TASK_KIND_"
	pluginStatePrefix    = "PLUGIN_STATE_"
	executionStatePrefix = "EXECUTION_STATE_"
	eventKindPrefix      = "EVENT_KIND_"
)

// ExecutionStates are the states that an execution can be in: "pending",
// "running", "succeeded", "failed" and "cancelled".
func ExecutionStates() []string { return words(adminpb.ExecutionState_name, executionStatePrefix) }

// EventKinds are the kinds of event, such as "task_ended" and "plugin_crashed".
func EventKinds() []string { return words(adminpb.EventKind_name, eventKindPrefix) }

// word returns the plain word for one of the contract's names: "serving" for
// PLUGIN_STATE_SERVING, the number for one that this program does not know.
func word(name fmt.Stringer, prefix string) string {
	return strings.ToLower(strings.TrimPrefix(name.String(), prefix))
}

// words returns all words but that of the number 0, in the contract's order.
func words(names map[int32]string, prefix string) []string {
	list := make([]string, 0, len(names))
	for number := range int32(len(names)) {
		if number > 0 {
			list = append(list, strings.ToLower(strings.TrimPrefix(names[number], prefix)))
		}
	}
	return list
}

// numbers is the reverse of word for a list; known are the words there are.
func numbers[Enum ~int32](list, known []string) ([]Enum, error) {
	var found []Enum
	for _, w := range list {
		at := slices.Index(known, w)
		if at < 0 {
			return nil, task.Errorf(task.InvalidArgument, "want one of %s, got %q", strings.Join(known, ", "), w)
		}
		found = append(found, Enum(at+1))
	}
	return found, nil
}

// moment returns the zero time for one that is not there.
func moment(stamp *timestamppb.Timestamp) time.Time {
	if stamp == nil {
		return time.Time{}
	}
	return stamp.AsTime()
}

// stamp is the reverse of moment.
func stamp(moment time.Time) *timestamppb.Timestamp {
	if moment.IsZero() {
		return nil
	}
	return timestamppb.New(moment)
}
