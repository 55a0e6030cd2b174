package wire_test

import (
	"runtime"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
)

// FuzzRequest holds ParseRequest against protobuf-go.
func FuzzRequest(f *testing.F) {
	full, err := proto.Marshal(fullRequest(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(full)
	f.Add([]byte("\x12\x04ping"))
	f.Add([]byte("\x12\x04ping\x1a\x00\x1a\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		want := new(taskschedulerpb.TaskRequest)
		request, err := parseWithin(t, b, wire.ParseRequest)
		compare(t, request, err, want, proto.Unmarshal(b, want))
	})
}

// FuzzRequestJSON holds ParseRequestJSON against protobuf-go.
func FuzzRequestJSON(f *testing.F) {
	full, err := protojson.Marshal(fullRequest(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(full)
	f.Add([]byte(`{"method": "ping", "args": [{"value": "1e2", "@type": "/google.protobuf.Int32Value"}]}`))
	f.Add([]byte(`{"args": [{"\u0040type": "/google.protobuf.DoubleValue", "value": "-Infinity"}, {}], "deps": null}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		want := new(taskschedulerpb.TaskRequest)
		request, err := parseWithin(t, b, wire.ParseRequestJSON)
		compare(t, request, err, want, protojson.Unmarshal(b, want))
	})
}

// compare fails unless this package and protobuf-go have read the same, or both
// refused it.
func compare(t *testing.T, got *wire.TaskRequest, err error, want *taskschedulerpb.TaskRequest, wantErr error) {
	t.Helper()
	switch {
	case err == nil && wantErr != nil: // for an argument, perhaps, which we read later
		if _, _, err := got.Args.Decode(maxArguments); err == nil {
			t.Fatalf("accepted, protobuf-go: %v", wantErr)
		}
	case err == nil:
		checkRequest(t, got, want)
	case wantErr == nil && !refusedByUs(err):
		t.Fatalf("%v, protobuf-go accepts it", err)
	}
}

// refusedByUs tells whether err is for something that protobuf-go takes and the
// contract does not: a limit, or another wire type.
func refusedByUs(err error) bool {
	for _, reason := range []string{"at most", "another wire type", "more codes", "no time", "want a time", "is not a time", "want seconds", "nanos"} {
		if strings.Contains(err.Error(), reason) {
			return true
		}
	}
	return false
}

// costFactor is how many bytes reading a request may allocate for each byte of
// it; costBase comes on top, for what doesn't grow with it.
const (
	costFactor = 40
	costBase   = 64 << 10
)

// parseWithin parses b and its arguments, and fails if that takes more memory
// than b weighs.
func parseWithin(t testing.TB, b []byte, parse func([]byte, wire.Limits) (*wire.TaskRequest, error)) (*wire.TaskRequest, error) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	request, err := parse(b, limits)
	if err == nil {
		_, _, _ = request.Args.Decode(maxArguments) // for its cost; what it says is the caller's to check
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > uint64(costFactor*len(b)+costBase) {
		t.Fatalf("%d bytes took %d bytes of memory", len(b), used)
	}
	return request, err
}

// Messages that once cost a server minutes and gigabytes.
func TestLargeRequestsCostWhatTheyWeigh(t *testing.T) {
	const size = 4 << 20
	inner := `{"values":[` + strings.Repeat("{},", 1_000_000) + `{}],"@type":"/taskscheduler.ListValue"}`
	const depth = 99
	nested := strings.Repeat(`{"values":[`, depth) + inner + strings.Repeat(`],"@type":"/taskscheduler.ListValue"}`, depth)
	for name, test := range map[string]struct {
		text  string
		parse func([]byte, wire.Limits) (*wire.TaskRequest, error)
	}{
		"empty arguments":         {"\x12\x04ping" + strings.Repeat("\x1a\x00", size/2), wire.ParseRequest},
		"empty arguments as JSON": {`{"args":[` + strings.Repeat("{},", size/3) + "{}]}", wire.ParseRequestJSON},
		"nested lists":            {`{"method":"ping","args":[` + nested + `]}`, wire.ParseRequestJSON},
		"labels":                  {strings.Repeat("\x82\x07\x00", size/3), wire.ParseRequest},
		"dependencies":            {strings.Repeat("\x22\x00", size/2), wire.ParseRequest},
		"brackets":                {strings.Repeat("[", size), wire.ParseRequestJSON},
		"a long number":           {`{"sequence": ` + strings.Repeat("1", size) + "}", wire.ParseRequestJSON},
		"escapes":                 {`{"taskId": "` + strings.Repeat(`\u00e9`, size/6) + `"}`, wire.ParseRequestJSON},
	} {
		t.Run(name, func(t *testing.T) {
			if request, err := parseWithin(t, []byte(test.text), test.parse); err == nil {
				_, _, err = request.Args.Decode(maxArguments)
				t.Logf("%d bytes: %.80v", len(test.text), err)
			}
		})
	}
}
