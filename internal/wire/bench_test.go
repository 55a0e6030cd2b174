package wire_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

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
