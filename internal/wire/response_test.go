package wire_test

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// TestResponsesAreProtobuf holds what this package writes against protobuf-go,
// which reads it, and whose JSON it must be.
func TestResponsesAreProtobuf(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		response := randomResponse(r)
		want := &taskschedulerpb.TaskResponse{
			TaskId: response.TaskID, Status: taskschedulerpb.TaskResponse_Status(response.Status), Result: response.Result,
			NodeId: response.NodeID, ErrorCode: response.ErrorCode, Sequence: response.Sequence, Attempt: response.Attempt,
		}
		wantResult := &taskschedulerpb.ResultResponse{
			Status: want.GetStatus(), Result: want.GetResult(), NodeId: want.GetNodeId(), ErrorCode: want.GetErrorCode(),
			Attempt: want.GetAttempt(),
		}
		if response.Value.Kind() != task.KindNull {
			typeURL, value, err := wire.Encode(response.Value)
			if err != nil {
				t.Fatal(err)
			}
			want.Value = &anypb.Any{TypeUrl: typeURL, Value: value}
			wantResult.Value = want.GetValue()
		}
		batch := &wire.BatchResponse{Results: []wire.TaskResponse{response, response}}
		checkMessage(t, &response, want)
		checkMessage(t, batch, &taskschedulerpb.BatchResponse{Results: []*taskschedulerpb.TaskResponse{want, want}})
		response.TaskID, response.Sequence = "", 0
		result := wire.ResultResponse(response)
		checkMessage(t, &result, wantResult)
	}
}

func randomResponse(r *rand.Rand) wire.TaskResponse {
	texts := []string{"", "6", "grüße \u2028 \"\\/\b\f\n\r\t\x01\x7f<&>", strings.Repeat("long ", 100)}
	response := wire.TaskResponse{
		TaskID: texts[r.IntN(len(texts))], Status: wire.Status(r.IntN(6)), Result: texts[r.IntN(len(texts))], NodeID: texts[r.IntN(2)],
		ErrorCode: uint32(r.IntN(3)), Sequence: r.Uint64() >> r.IntN(65), Attempt: uint32(r.IntN(3)),
	}
	if r.IntN(3) > 0 {
		response.Value = randomValue(r, 4)
	}
	return response
}

func checkMessage(t *testing.T, message any, want proto.Message) {
	t.Helper()
	codecs := wire.Codecs(limits)
	binary, err := codecs[0].Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	got := want.ProtoReflect().New().Interface()
	if err := proto.Unmarshal(binary, got); err != nil || !proto.Equal(got, want) {
		t.Fatalf("protobuf: got %v (%v), want %v", got, err, want)
	}
	text, err := codecs[1].MarshalStable(message)
	if err != nil {
		t.Fatal(err)
	}
	sized := message.(interface {
		Size() int
		JSONSize() int
	})
	if len(binary) > sized.Size() || len(text) > sized.JSONSize() {
		t.Errorf("%d bytes and %d of JSON, more than the %d and %d that were told", len(binary), len(text), sized.Size(), sized.JSONSize())
	}
	wantText, err := protojson.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	compact := new(strings.Builder)
	if err := json.NewEncoder(compact).Encode(json.RawMessage(wantText)); err != nil {
		t.Fatal(err)
	}
	again := want.ProtoReflect().New().Interface()
	if err := protojson.Unmarshal(text, again); err != nil || !proto.Equal(again, want) {
		t.Fatalf("JSON: got %s (%v), protobuf-go %s", text, err, wantText)
	}
}

func TestFloatsInJSONAreJavaScripts(t *testing.T) {
	for f, want := range map[float64]string{
		0: `0`, 1e-7: `1e-7`, 1e-6: `0.000001`, 1e20: `100000000000000000000`, 1e21: `1e+21`, 1.5: `1.5`,
		math.Inf(1): `"Infinity"`, math.Inf(-1): `"-Infinity"`,
	} {
		response := wire.TaskResponse{Value: task.Double(f)}
		text, err := response.AppendJSON(nil)
		if err != nil || !strings.HasSuffix(string(text), `"value":`+want+`}}`) {
			t.Errorf("%v: got %s, %v, want %s", f, text, err, want)
		}
	}
}

func TestResponsesRefuseWhatIsNoText(t *testing.T) {
	response := &wire.TaskResponse{Result: "\xff"}
	for _, codec := range wire.Codecs(limits) {
		if b, err := codec.Marshal(response); err == nil {
			t.Errorf("%s: got %q", codec.Name(), b)
		}
	}
}

func TestBatchesAreReadInOrder(t *testing.T) {
	message := &taskschedulerpb.BatchRequest{Tasks: []*taskschedulerpb.TaskRequest{fullRequest(t), {TaskId: "second"}}}
	binary, err := proto.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	text, err := protojson.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	for i, encoded := range [][]byte{binary, text} {
		batch := new(wire.BatchRequest)
		if err := wire.Codecs(limits)[i].Unmarshal(encoded, batch); err != nil {
			t.Fatal(err)
		}
		if len(batch.Tasks) != 2 {
			t.Fatalf("got %d tasks", len(batch.Tasks))
		}
		for i := range batch.Tasks {
			checkRequest(t, &batch.Tasks[i], message.GetTasks()[i])
		}
	}
}

func TestBatchErrorsNameTheTask(t *testing.T) {
	binary := "\x0a\x00\x0a\x02\x0a\xff"
	for i, encoded := range []string{binary, `{"tasks": [{}, {"taskId": 1}]}`} {
		err := wire.Codecs(limits)[i].Unmarshal([]byte(encoded), new(wire.BatchRequest))
		if err == nil || !strings.Contains(err.Error(), "tasks[1]") {
			t.Errorf("got %v", err)
		}
	}
	many := strings.Repeat("\x0a\x00", limits.Tasks+1)
	err := wire.Codecs(limits)[0].Unmarshal([]byte(many), new(wire.BatchRequest))
	if err == nil || !strings.Contains(err.Error(), "101 tasks; at most 100") {
		t.Errorf("got %v", err)
	}
}

// The generated messages go through protobuf's library, but not its leniency.
func TestOtherMessagesAreReadStrictly(t *testing.T) {
	codecs := wire.Codecs(limits)
	for i, bad := range []string{"\x08\x01", `{"taskID": "a"}`, `{"tesk_id": "a"}`} {
		if err := codecs[min(i, 1)].Unmarshal([]byte(bad), new(taskschedulerpb.ResultRequest)); err == nil {
			t.Errorf("%q was accepted", bad)
		}
	}
	request := new(taskschedulerpb.ResultRequest)
	if err := codecs[0].Unmarshal([]byte("\x0a\x01a\x28\x01"), request); err != nil || request.GetTaskId() != "a" {
		t.Errorf("an unknown field of protobuf: got %v, %v", request, err)
	}
}
