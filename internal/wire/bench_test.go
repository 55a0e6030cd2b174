package wire_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
)

func samples(b *testing.B) map[string]*anypb.Any {
	b.Helper()
	number := pack(b, wrapperspb.Int32(123456))
	var items []*anypb.Any
	for range 100 {
		items = append(items, number)
	}
	return map[string]*anypb.Any{
		"int32":   number,
		"string":  pack(b, wrapperspb.String(strings.Repeat("x", 100))),
		"list100": packList(b, items...),
		"map": packMap(b, map[string]*anypb.Any{
			"name": pack(b, wrapperspb.String("Jane Doe")), "age": number,
			"isStudent": pack(b, wrapperspb.Bool(true)), "scores": packList(b, pack(b, wrapperspb.Double(95.5))),
		}),
		"deep": nested(b, 100, number),
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, packed := range samples(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := wire.Decode(packed.GetTypeUrl(), packed.GetValue()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkReference decodes the same with protobuf-go, for comparison.
func BenchmarkReference(b *testing.B) {
	for name, packed := range samples(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := reference(packed, 0); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for name, packed := range samples(b) {
		v, err := wire.Decode(packed.GetTypeUrl(), packed.GetValue())
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := wire.Encode(v); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkRequest reads what the service is sent most, and its arguments.
func BenchmarkRequest(b *testing.B) {
	message := &taskschedulerpb.TaskRequest{
		TaskId: "0190f5c4-8f3e-7a3c-9d2e-0123456789ab", Method: "add",
		Args: []*anypb.Any{pack(b, wrapperspb.Int32(1)), pack(b, wrapperspb.Int32(2)), pack(b, wrapperspb.Int32(3))},
	}
	binary, err := proto.Marshal(message)
	if err != nil {
		b.Fatal(err)
	}
	text, err := protojson.Marshal(message)
	if err != nil {
		b.Fatal(err)
	}
	for i, encoded := range [][]byte{binary, text} {
		codec := wire.Codecs(limits)[i]
		b.Run(codec.Name(), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				request := new(wire.TaskRequest)
				if err := codec.Unmarshal(encoded, request); err != nil {
					b.Fatal(err)
				}
				if _, _, err := request.Args.Decode(maxArguments); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
