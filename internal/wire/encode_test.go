package wire_test

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/anypb"

	"github.com/taskscheduler/taskscheduler/internal/contracttest"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// Both protobuf-go and Decode read the same value from what Encode writes.
func TestEncode(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		checkRoundTrip(t, randomValue(r, 5))
	}
}

func checkRoundTrip(t *testing.T, v task.Value) {
	t.Helper()
	typeURL, value, err := wire.Encode(v)
	if err != nil {
		t.Fatalf("Encode %v: %v", v, err)
	}
	if got, err := reference(&anypb.Any{TypeUrl: typeURL, Value: value}, 0); err != nil || !contracttest.Equal(got, v) {
		t.Fatalf("protobuf-go reads %v, %v, want %v", got, err, v)
	}
	if got, err := wire.Decode(typeURL, value); err != nil || !contracttest.Equal(got, v) {
		t.Fatalf("Decode reads %v, %v, want %v", got, err, v)
	}
	if _, again, _ := wire.Encode(v); !bytes.Equal(value, again) {
		t.Fatalf("%v has two encodings", v)
	}
}

func TestEncodeContent(t *testing.T) {
	long := strings.Repeat("x", 300) // its lengths take two bytes
	for _, v := range []task.Value{
		task.String(long),
		task.ListOf(task.String(long), task.ListOf(task.String(long))),
		task.MapOf(map[string]task.Value{long: task.MapOf(map[string]task.Value{long: task.Bytes([]byte(long))})}),
		deepList(task.MaxDepth),
	} {
		checkRoundTrip(t, v)
	}
}

// deepList returns depth lists inside each other.
func deepList(depth int) task.Value {
	v := task.ListOf()
	for range depth - 1 {
		v = task.ListOf(v)
	}
	return v
}

func TestEncodeRefuses(t *testing.T) {
	tests := map[string]struct {
		value task.Value
		want  string
	}{
		"null":                  {task.Null(), "null: the contract has no type for it"},
		"null in a list":        {task.ListOf(task.Int32(1), task.Null()), "item 2: null: "},
		"null in a map":         {task.MapOf(map[string]task.Value{"k": task.Null()}), `key "k": null: `},
		"a string in bad UTF-8": {task.ListOf(task.String("\xff")), "item 1: a string is not valid UTF-8"},
		"a key in bad UTF-8":    {task.MapOf(map[string]task.Value{"\xff": task.Int32(1)}), `key "\xff": a string is not valid UTF-8`},
		"nesting":               {deepList(task.MaxDepth + 1), "more than 100 lists and maps"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			typeURL, value, err := wire.Encode(test.value)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if typeURL != "" || value != nil {
				t.Errorf("a message besides the error: %q %x", typeURL, value)
			}
		})
	}
}
