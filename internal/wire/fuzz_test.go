package wire_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/taskscheduler/taskscheduler/internal/contracttest"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// argumentTypes are the type URLs that a fuzzed message is decoded as.
var argumentTypes = []string{
	"type.googleapis.com/google.protobuf.BoolValue",
	int32URL,
	"google.protobuf.Int64Value",
	"/google.protobuf.UInt32Value",
	"a/b/google.protobuf.UInt64Value",
	"type.googleapis.com/google.protobuf.FloatValue",
	"type.googleapis.com/google.protobuf.DoubleValue",
	stringURL,
	"type.googleapis.com/google.protobuf.BytesValue",
	listURL,
	mapURL,
	"type.googleapis.com/google.protobuf.Any",
	"foreign.Type",
	"",
}

// FuzzDecode holds Decode against protobuf-go: both accept a message with equal
// values, or both refuse it.
func FuzzDecode(f *testing.F) {
	seeds := []*anypb.Any{
		{},
		pack(f, wrapperspb.Bool(true)),
		pack(f, wrapperspb.Int32(-1)),
		pack(f, wrapperspb.UInt64(1<<63)),
		pack(f, wrapperspb.Double(0.1)),
		pack(f, wrapperspb.String("grüße")),
		packList(f, pack(f, wrapperspb.Int32(1)), pack(f, wrapperspb.Float(2))),
		packMap(f, map[string]*anypb.Any{"k": pack(f, wrapperspb.String("v")), "l": packList(f)}),
		nested(f, 5, pack(f, wrapperspb.Bytes([]byte{1}))),
		nested(f, task.MaxDepth, pack(f, wrapperspb.Int32(1))),
		nested(f, task.MaxDepth+1, pack(f, wrapperspb.Int32(1))),
		{Value: message(nil).varint(1, 5).group(4, message(nil).bytes(1, nil)).varint(1, 6)},
		{Value: message(nil).bytes(1, message(nil).bytes(1, []byte("k")).any(2, pack(f, wrapperspb.Int32(1))).any(2, pack(f, wrapperspb.Bool(true))))},
		{Value: message(nil).bytes(1, []byte("\xff"))},
		{Value: []byte{8, 0x80}},
	}
	for _, seed := range seeds {
		for i, typeURL := range argumentTypes {
			if seed.GetTypeUrl() == "" || seed.GetTypeUrl() == typeURL {
				f.Add(uint8(i), seed.GetValue())
			}
		}
	}
	f.Fuzz(func(t *testing.T, typ uint8, value []byte) {
		typeURL := argumentTypes[int(typ)%len(argumentTypes)]
		want, wantErr := reference(&anypb.Any{TypeUrl: typeURL, Value: value}, 0)
		got, err := wire.Decode(typeURL, value)
		switch {
		case wantErr == nil && err != nil && strings.Contains(err.Error(), "another wire type"):
			return // protobuf passes over such a field, the contract does not
		case (err == nil) != (wantErr == nil):
			t.Fatalf("Decode: %v, protobuf-go: %v", err, wantErr)
		case err != nil && !utf8.ValidString(err.Error()):
			t.Fatalf("the error is not valid UTF-8: %q", err)
		case err == nil && !contracttest.Equal(got, want):
			t.Fatalf("Decode: %v, protobuf-go: %v", got, want)
		case err == nil:
			checkRoundTrip(t, got)
		}
	})
}

// FuzzDecodeTypeURL looks for type URLs that only one of the two knows.
func FuzzDecodeTypeURL(f *testing.F) {
	for _, typeURL := range argumentTypes {
		f.Add(typeURL)
	}
	f.Fuzz(func(t *testing.T, typeURL string) {
		_, wantErr := reference(&anypb.Any{TypeUrl: typeURL}, 0)
		if !utf8.ValidString(typeURL) {
			wantErr = errors.New("not UTF-8") // protobuf says so when it reads the Any
		}
		if _, err := wire.Decode(typeURL, nil); (err == nil) != (wantErr == nil) {
			t.Fatalf("Decode: %v, protobuf-go: %v", err, wantErr)
		}
	})
}

// FuzzRoundTrip encodes values of every kind and decodes them again.
func FuzzRoundTrip(f *testing.F) {
	for seed := range uint64(20) {
		f.Add(seed, seed*seed)
	}
	f.Fuzz(func(t *testing.T, seed1, seed2 uint64) {
		checkRoundTrip(t, randomValue(rand.New(rand.NewPCG(seed1, seed2)), 6))
	})
}
