package wire_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// reference decodes with protobuf-go and the generated messages.
func reference(packed *anypb.Any, depth int) (task.Value, error) {
	message, err := packed.UnmarshalNew()
	if err != nil {
		return task.Value{}, err
	}
	switch m := message.(type) {
	case *wrapperspb.BoolValue:
		return task.Bool(m.GetValue()), nil
	case *wrapperspb.Int32Value:
		return task.Int32(m.GetValue()), nil
	case *wrapperspb.Int64Value:
		return task.Int64(m.GetValue()), nil
	case *wrapperspb.UInt32Value:
		return task.Uint32(m.GetValue()), nil
	case *wrapperspb.UInt64Value:
		return task.Uint64(m.GetValue()), nil
	case *wrapperspb.FloatValue:
		return task.Float(m.GetValue()), nil
	case *wrapperspb.DoubleValue:
		return task.Double(m.GetValue()), nil
	case *wrapperspb.StringValue:
		return task.String(m.GetValue()), nil
	case *wrapperspb.BytesValue:
		return task.Bytes(m.GetValue()), nil
	case *taskschedulerpb.ListValue:
		return referenceList(m, depth)
	case *taskschedulerpb.MapValue:
		return referenceMap(m, depth)
	default:
		return task.Value{}, fmt.Errorf("%T is not an argument", m)
	}
}

func referenceList(m *taskschedulerpb.ListValue, depth int) (task.Value, error) {
	if depth == task.MaxDepth {
		return task.Value{}, errors.New("too deep")
	}
	var items []task.Value
	for _, packed := range m.GetValues() {
		item, err := reference(packed, depth+1)
		if err != nil {
			return task.Value{}, err
		}
		items = append(items, item)
	}
	return task.ListOf(items...), nil
}

func referenceMap(m *taskschedulerpb.MapValue, depth int) (task.Value, error) {
	if depth == task.MaxDepth {
		return task.Value{}, errors.New("too deep")
	}
	fields := make(map[string]task.Value)
	for key, packed := range m.GetFields() {
		field, err := reference(packed, depth+1)
		if err != nil {
			return task.Value{}, err
		}
		fields[key] = field
	}
	return task.MapOf(fields), nil
}

// pack puts a message into an Any as every protobuf library does.
func pack(t testing.TB, message proto.Message) *anypb.Any {
	t.Helper()
	packed, err := anypb.New(message)
	if err != nil {
		t.Fatal(err)
	}
	return packed
}

func packList(t testing.TB, items ...*anypb.Any) *anypb.Any {
	t.Helper()
	return pack(t, &taskschedulerpb.ListValue{Values: items})
}

func packMap(t testing.TB, fields map[string]*anypb.Any) *anypb.Any {
	t.Helper()
	return pack(t, &taskschedulerpb.MapValue{Fields: fields})
}

// nested returns inner inside depth lists (or maps, every other one).
func nested(t testing.TB, depth int, inner *anypb.Any) *anypb.Any {
	t.Helper()
	for i := range depth {
		if i%2 == 0 {
			inner = packList(t, inner)
		} else {
			inner = packMap(t, map[string]*anypb.Any{"k": inner})
		}
	}
	return inner
}

// randomValue returns a value of any kind but null, nested a few levels.
func randomValue(r *rand.Rand, depth int) task.Value {
	kinds := 11
	if depth == 0 {
		kinds = 9
	}
	switch task.Kind(1 + r.IntN(kinds)) {
	case task.KindBool:
		return task.Bool(r.IntN(2) == 0)
	case task.KindInt32:
		return task.Int32(int32(r.Uint32() >> r.IntN(33)))
	case task.KindInt64:
		return task.Int64(int64(r.Uint64() >> r.IntN(65)))
	case task.KindUint32:
		return task.Uint32(r.Uint32() >> r.IntN(33))
	case task.KindUint64:
		return task.Uint64(r.Uint64() >> r.IntN(65))
	case task.KindFloat:
		return task.Float(float32(r.NormFloat64()))
	case task.KindDouble:
		return task.Double(r.NormFloat64())
	case task.KindString:
		return task.String("grüße, 世界"[:r.IntN(3)])
	case task.KindBytes:
		return task.Bytes([]byte{0, 255, 'x'}[:r.IntN(4)])
	case task.KindList:
		items := make([]task.Value, r.IntN(5))
		for i := range items {
			items[i] = randomValue(r, depth-1)
		}
		return task.ListOf(items...)
	default:
		fields := make(map[string]task.Value)
		for range r.IntN(5) {
			fields[string(rune('a'+r.IntN(20)))] = randomValue(r, depth-1)
		}
		return task.MapOf(fields)
	}
}
