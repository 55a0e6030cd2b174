package wire_test

import (
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
)

// TestWhatIsKeptOfARequest is all of it, however it came.
func TestWhatIsKeptOfARequest(t *testing.T) {
	want := fullRequest(t)
	delete(want.Labels, "") // such a request is refused
	limits := wire.Limits{Dependencies: 100}
	asJSON, err := protojson.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	asProto, err := proto.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	fromJSON, err := wire.ParseRequestJSON(asJSON, limits)
	if err != nil {
		t.Fatal(err)
	}
	fromProto, err := wire.ParseRequest(asProto, limits)
	if err != nil {
		t.Fatal(err)
	}
	for name, request := range map[string]*wire.TaskRequest{"JSON": fromJSON, "protobuf": fromProto} {
		deps := request.Deps
		request.Deps = nil // as they are by then
		kept, err := request.Encode(deps)
		if err != nil {
			t.Fatal(err)
		}
		got := new(taskschedulerpb.TaskRequest)
		if err := proto.Unmarshal(kept, got); err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
	}
}
