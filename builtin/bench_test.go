package builtin_test

import (
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// BenchmarkAdd is add(1, 2, 3) from its arguments' bytes to its result's text:
// what every call takes besides the scheduler and the transport.
func BenchmarkAdd(b *testing.B) {
	type packed struct {
		typeURL string
		value   []byte
	}
	var request [3]packed
	for i := range request {
		var err error
		if request[i].typeURL, request[i].value, err = wire.Encode(task.Int32(int32(i + 1))); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		args := make([]task.Value, len(request))
		for i, arg := range request {
			var err error
			if args[i], err = wire.Decode(arg.typeURL, arg.value); err != nil {
				b.Fatal(err)
			}
		}
		result, err := task.Default().Lookup("add").Run(b.Context(), args)
		if err != nil {
			b.Fatal(err)
		}
		if text, err := result.Text(); err != nil || text != "6" {
			b.Fatal(text, err)
		}
	}
}
