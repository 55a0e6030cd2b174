package wire_test

import (
	"errors"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/contracttest"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

const maxArguments = 100

var limits = wire.Limits{Dependencies: 100, Tasks: 100}

// fullRequest has every field, each with a value of its own.
func fullRequest(t testing.TB) *taskschedulerpb.TaskRequest {
	t.Helper()
	return &taskschedulerpb.TaskRequest{
		TaskId: "id", Method: "add", Deps: []string{"a", "b"}, IsAsync: true, Detached: true,
		DependencyTimeoutMs: 1 << 63, InjectDependencyResults: true, ExecutionTimeoutMs: 8, DisableForwarding: true,
		OriginNodeId: "node", Sequence: 9, TypedResult: true, Durable: true, Priority: 10, ConcurrencyKey: "key",
		Args: []*anypb.Any{
			pack(t, wrapperspb.Int64(-1<<60)), pack(t, wrapperspb.Float(1.5)), pack(t, wrapperspb.Bytes([]byte{0, 255})),
			packMap(t, map[string]*anypb.Any{"ä\"\n\u2028": packList(t, pack(t, wrapperspb.UInt64(1<<63)), pack(t, wrapperspb.Bool(true)))}),
		},
		Labels: map[string]string{"team": "a", "": "empty"},
		Retry: &taskschedulerpb.RetryPolicy{
			MaxAttempts: 3, InitialBackoff: durationpb.New(1500 * time.Millisecond), MaxBackoff: durationpb.New(time.Hour),
			Multiplier: 1.5, Codes: []uint32{4, 13},
		},
		StartAt: timestamppb.New(time.Date(2030, 1, 31, 12, 0, 0, 5, time.UTC)),
	}
}

func TestRequestHasEveryField(t *testing.T) {
	message := fullRequest(t)
	binary, err := proto.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	text, err := protojson.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	snake, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	for name, parse := range map[string]func() (*wire.TaskRequest, error){
		"protobuf":   func() (*wire.TaskRequest, error) { return wire.ParseRequest(binary, limits) },
		"JSON":       func() (*wire.TaskRequest, error) { return wire.ParseRequestJSON(text, limits) },
		"snake_case": func() (*wire.TaskRequest, error) { return wire.ParseRequestJSON(snake, limits) },
	} {
		t.Run(name, func(t *testing.T) {
			request, err := parse()
			if err != nil {
				t.Fatal(err)
			}
			checkRequest(t, request, message)
		})
	}
}

// TestABackoffIsADuration has seconds and nanos of one sign, and less than a
// second of these: anything else is refused, never taken for what it adds up to.
func TestABackoffIsADuration(t *testing.T) {
	for _, backoff := range []*durationpb.Duration{
		{Seconds: 1, Nanos: -5}, {Seconds: -1, Nanos: 5}, {Nanos: 1e9}, {Seconds: 1, Nanos: math.MaxInt32}, {Nanos: math.MinInt32},
	} {
		b, err := proto.Marshal(&taskschedulerpb.TaskRequest{Retry: &taskschedulerpb.RetryPolicy{MaxAttempts: 2, MaxBackoff: backoff}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := wire.ParseRequest(b, limits); err == nil || !strings.Contains(err.Error(), "nanos") {
			t.Errorf("%v: %v", backoff, err)
		}
	}
}

// checkRequest holds what this package read against what protobuf-go did.
func checkRequest(t *testing.T, got *wire.TaskRequest, want *taskschedulerpb.TaskRequest) {
	t.Helper()
	if got.Refused != nil {
		return // what there is too much of isn't there
	}
	same := got.TaskID == want.GetTaskId() && got.Method == want.GetMethod() && slices.Equal(got.Deps, want.GetDeps()) &&
		got.IsAsync == want.GetIsAsync() && got.Detached == want.GetDetached() &&
		got.DependencyTimeout == want.GetDependencyTimeoutMs() && got.InjectResults == want.GetInjectDependencyResults() &&
		got.ExecutionTimeout == want.GetExecutionTimeoutMs() && got.DisableForwarding == want.GetDisableForwarding() &&
		got.OriginNodeID == want.GetOriginNodeId() && got.Sequence == want.GetSequence() &&
		got.TypedResult == want.GetTypedResult() && got.Durable == want.GetDurable() && got.Priority == want.GetPriority() &&
		got.ConcurrencyKey == want.GetConcurrencyKey() && maps.Equal(got.Labels, want.GetLabels())
	if !same {
		t.Fatalf("got %+v, protobuf-go %v", got, want)
	}
	if at := want.GetStartAt(); at.IsValid() && !got.StartAt.Equal(at.AsTime()) {
		t.Fatalf("start_at: got %v, protobuf-go %v", got.StartAt, at.AsTime())
	}
	if (got.Retry == nil) != (want.GetRetry() == nil) {
		t.Fatalf("retry: got %v, protobuf-go %v", got.Retry, want.GetRetry())
	}
	if p, w := got.Retry, want.GetRetry(); p != nil && (p.MaxAttempts != w.GetMaxAttempts() || !slices.Equal(p.Codes, w.GetCodes())) {
		t.Fatalf("retry: got %v, protobuf-go %v", p, w)
	}
	wanted, wantErr := referenceArguments(want.GetArgs())
	values, _, err := got.Args.Decode(maxArguments)
	if err != nil && strings.Contains(err.Error(), "another wire type") {
		return // protobuf passes over such a field, the contract does not
	}
	if (err == nil) != (wantErr == nil) {
		t.Fatalf("arguments: %v, protobuf-go: %v", err, wantErr)
	}
	if !slices.EqualFunc(values, wanted, contracttest.Equal) {
		t.Fatalf("arguments: got %v, protobuf-go %v", values, wanted)
	}
}

func referenceArguments(args []*anypb.Any) ([]task.Value, error) {
	if len(args) > maxArguments {
		return nil, errors.New("too many")
	}
	var values []task.Value
	for _, arg := range args {
		v, err := reference(arg, 0)
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	return values, nil
}

func TestRequestRefuses(t *testing.T) {
	for text, want := range map[string]string{
		`{"executionTimeoutMS": 5}`:                   `unknown field "executionTimeoutMS"; the field's name is "executionTimeoutMs"`,
		`{"colour": 5}`:                               `unknown field "colour"`,
		`{"taskId": "a", "task_id": "b"}`:             `"task_id" is there twice`,
		`{"taskId": 5}`:                               "taskId: want a string",
		`{"executionTimeoutMs": -1}`:                  "executionTimeoutMs: want a whole number from 0 to",
		`{"executionTimeoutMs": 1e99999999999999999}`: "executionTimeoutMs: want a whole number",
		`{"detached": "true"}`:                        "detached: want true or false",
		`{"startAt": "tomorrow"}`:                     "startAt: want a time",
		`{"retry": {"initialBackoff": 5}}`:            "initialBackoff: want a string",
		`{"deps": [null]}`:                            "deps: want a string",
		`[]`:                                          "want an object",
		``:                                            "invalid JSON at byte 0",
		`{"taskId": "\ud800"}`:                        "invalid JSON at byte 12",
	} {
		if _, err := wire.ParseRequestJSON([]byte(text), limits); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: got %v, want %s", text, err, want)
		}
	}
}

func TestTooManyAreNotBuilt(t *testing.T) {
	labels := &taskschedulerpb.TaskRequest{Sequence: 7, Labels: map[string]string{}}
	for i := range wire.MaxLabels + 1 {
		labels.Labels[string(rune('a'+i))] = "x"
	}
	for want, message := range map[string]*taskschedulerpb.TaskRequest{
		"101 dependencies; at most 100": {Sequence: 7, Deps: slices.Repeat([]string{"a"}, 101)},
		"17 labels; at most 16":         labels,
	} {
		binary, err := proto.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		text, err := protojson.Marshal(message)
		if err != nil {
			t.Fatal(err)
		}
		for i, encoded := range [][]byte{binary, text} {
			request := new(wire.TaskRequest)
			err := wire.Codecs(limits)[i].Unmarshal(encoded, request)
			if err != nil || request.Refused == nil || request.Refused.Error() != want || request.Sequence != 7 {
				t.Errorf("got %+v, %v, want %s", request, err, want)
			}
		}
	}
}

func TestArgumentErrorsSayWhere(t *testing.T) {
	for args, want := range map[string]string{
		`{"@type": "x/google.protobuf.Int32Value", "value": 5}, {"@type": "x/google.protobuf.Int32Value", "value": 1.5}`: `argument 2: type "x/google.protobuf.Int32Value": want a whole number`,
		`{"value": 5, "@type": "a.Thing"}`: `argument 1: type "a.Thing": no type that arguments may have`,
		`5`:                                `argument 1: want an object with an "@type"`,
		`{"@type": "/google.protobuf.BoolValue"}`: `argument 1: type "/google.protobuf.BoolValue": want the value under "value"`,
		`{"values": [{"@type": "/google.protobuf.BoolValue", "value": 1}], "@type": "/taskscheduler.ListValue"}`:    `argument 1: item 1: type "/google.protobuf.BoolValue": want true or false`,
		`{"fields": {"k": {"@type": "/google.protobuf.BoolValue", "valu": 1}}, "@type": "/taskscheduler.MapValue"}`: `argument 1: key "k": type "/google.protobuf.BoolValue": unknown field "valu"`,
		`{"fields": {"k": {"@type": "/taskscheduler.ListValue"}, "k": {}}, "@type": "/taskscheduler.MapValue"}`:     `key "k": is there twice`,
		strings.TrimSuffix(strings.Repeat(`{"@type": "/taskscheduler.ListValue"},`, 101), ","):                      "101 arguments; at most 100",
	} {
		request, err := wire.ParseRequestJSON([]byte(`{"args": [`+args+`]}`), limits)
		if err != nil {
			t.Errorf("%.60s: %v", args, err)
			continue
		}
		if _, _, err = request.Args.Decode(maxArguments); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: got %v, want %s", args, err, want)
		}
	}
}

// What is small counts as small wherever it is kept, so it must not keep what
// it came with.
func TestAValueKeepsNoMoreThanItself(t *testing.T) {
	const size, count = 1 << 20, 32
	filler := protowire.AppendBytes(protowire.AppendTag(nil, 1000, protowire.BytesType), make([]byte, size))
	small, err := proto.Marshal(&taskschedulerpb.TaskRequest{Args: []*anypb.Any{pack(t, wrapperspb.String("small"))}})
	if err != nil {
		t.Fatal(err)
	}
	batched := func(request []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), request)
	}
	for name, parse := range map[string]func() (*wire.TaskRequest, error){
		"beside an unknown field": func() (*wire.TaskRequest, error) {
			return wire.ParseRequest(slices.Concat(small, filler), limits)
		},
		"beside another task": func() (*wire.TaskRequest, error) {
			batch, err := wire.ParseBatch(slices.Concat(batched(small), batched(filler)), limits)
			if err != nil {
				return nil, err
			}
			return &batch.Tasks[0], nil
		},
	} {
		var kept [][]task.Value
		for range count {
			request, err := parse()
			if err != nil {
				t.Fatal(err)
			}
			values, _, err := request.Args.Decode(maxArguments)
			if err != nil {
				t.Fatal(err)
			}
			request.Args.Drop()
			kept = append(kept, values)
		}
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if m.HeapAlloc > count*size/2 {
			t.Errorf("%s: %d bytes are held for %d short strings", name, m.HeapAlloc, len(kept))
		}
		runtime.KeepAlive(kept)
	}
}
