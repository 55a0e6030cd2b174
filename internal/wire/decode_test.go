package wire_test

import (
	"math"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/taskscheduler/taskscheduler/internal/contracttest"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestDecodeEveryKind(t *testing.T) {
	tests := map[string]struct {
		packed *anypb.Any
		want   task.Value
	}{
		"true":        {pack(t, wrapperspb.Bool(true)), task.Bool(true)},
		"false":       {pack(t, wrapperspb.Bool(false)), task.Bool(false)},
		"int32":       {pack(t, wrapperspb.Int32(-7)), task.Int32(-7)},
		"least int32": {pack(t, wrapperspb.Int32(math.MinInt32)), task.Int32(math.MinInt32)},
		"int64":       {pack(t, wrapperspb.Int64(math.MinInt64)), task.Int64(math.MinInt64)},
		"uint32":      {pack(t, wrapperspb.UInt32(math.MaxUint32)), task.Uint32(math.MaxUint32)},
		"uint64":      {pack(t, wrapperspb.UInt64(math.MaxUint64)), task.Uint64(math.MaxUint64)},
		"float":       {pack(t, wrapperspb.Float(1.5)), task.Float(1.5)},
		"minus zero":  {pack(t, wrapperspb.Double(math.Copysign(0, -1))), task.Double(math.Copysign(0, -1))},
		"NaN":         {pack(t, wrapperspb.Double(math.NaN())), task.Double(math.NaN())},
		"string":      {pack(t, wrapperspb.String("grüße")), task.String("grüße")},
		"no string":   {pack(t, wrapperspb.String("")), task.String("")},
		"bytes":       {pack(t, wrapperspb.Bytes([]byte{0, 255})), task.Bytes([]byte{0, 255})},
		"list": {
			packList(t, pack(t, wrapperspb.Int32(1)), pack(t, wrapperspb.String("b"))),
			task.ListOf(task.Int32(1), task.String("b")),
		},
		"empty list": {packList(t), task.ListOf()},
		"map": {
			packMap(t, map[string]*anypb.Any{"": packList(t), "b": pack(t, wrapperspb.Bool(true))}),
			task.MapOf(map[string]task.Value{"": task.ListOf(), "b": task.Bool(true)}),
		},
		"empty map": {packMap(t, nil), task.MapOf(nil)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			checkDecode(t, test.packed.GetTypeUrl(), test.packed.GetValue(), test.want)
		})
	}
}

func checkDecode(t *testing.T, typeURL string, value []byte, want task.Value) {
	t.Helper()
	got, err := wire.Decode(typeURL, value)
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	if !contracttest.Equal(got, want) {
		t.Errorf("got %s %v, want %s %v", got.Kind(), got, want.Kind(), want)
	}
}

func TestDecodeTypeURL(t *testing.T) {
	value := pack(t, wrapperspb.Int32(5)).GetValue()
	for _, prefix := range []string{"type.googleapis.com/", "example.com/a/b/", "/", "", "::/"} {
		checkDecode(t, prefix+"google.protobuf.Int32Value", value, task.Int32(5))
	}
}

// message appends fields by hand: what no protobuf library would send.
type message []byte

func (m message) varint(number protowire.Number, v uint64) message {
	return protowire.AppendVarint(protowire.AppendTag(m, number, protowire.VarintType), v)
}

func (m message) bytes(number protowire.Number, v []byte) message {
	return protowire.AppendBytes(protowire.AppendTag(m, number, protowire.BytesType), v)
}

func (m message) group(number protowire.Number, content []byte) message {
	b := append(protowire.AppendTag(m, number, protowire.StartGroupType), content...)
	return protowire.AppendTag(b, number, protowire.EndGroupType)
}

func (m message) any(number protowire.Number, packed *anypb.Any) message {
	return m.bytes(number, message(nil).bytes(1, []byte(packed.GetTypeUrl())).bytes(2, packed.GetValue()))
}

const (
	int32URL  = "type.googleapis.com/google.protobuf.Int32Value"
	stringURL = "type.googleapis.com/google.protobuf.StringValue"
	listURL   = "type.googleapis.com/taskscheduler.ListValue"
	mapURL    = "type.googleapis.com/taskscheduler.MapValue"
)

// Protobuf's rules for fields that come twice, or that nobody knows.
func TestDecodeLikeProtobuf(t *testing.T) {
	one, two := pack(t, wrapperspb.Int32(1)), pack(t, wrapperspb.Int32(2))
	unknown := &anypb.Any{TypeUrl: "foreign.Type"}
	key := func(k string) message { return message(nil).bytes(1, []byte(k)) }
	oneField := task.MapOf(map[string]task.Value{"k": task.Int32(1)})
	tests := map[string]struct {
		typeURL string
		value   message
		want    task.Value
	}{
		"the last number counts":  {int32URL, message(nil).varint(1, 5).varint(1, 6), task.Int32(6)},
		"the upper bits are lost": {int32URL, message(nil).varint(1, 1<<32+7), task.Int32(7)},
		"the last string counts":  {stringURL, message(nil).bytes(1, []byte("a")).bytes(1, []byte("b")), task.String("b")},
		"unknown fields":          {int32URL, message(nil).varint(2, 1).varint(1, 5).bytes(3, nil).varint(99, 1), task.Int32(5)},
		"groups":                  {int32URL, message(nil).group(4, message(nil).group(1, message(nil).varint(1, 9))).varint(1, 5), task.Int32(5)},
		"the last entry counts": {
			mapURL,
			message(nil).bytes(1, key("k").any(2, two)).bytes(1, key("k").any(2, one)), oneField,
		},
		"an overwritten entry may be of any type": {
			mapURL,
			message(nil).bytes(1, key("k").any(2, unknown)).bytes(1, key("k").any(2, one)), oneField,
		},
		"an item in pieces is merged": {
			mapURL,
			message(nil).bytes(1, key("k").bytes(2, message(nil).bytes(1, []byte(int32URL))).bytes(2, message(nil).bytes(2, one.GetValue()))),
			oneField,
		},
		"no key is the empty key": {
			mapURL,
			message(nil).bytes(1, message(nil).any(2, one)), task.MapOf(map[string]task.Value{"": task.Int32(1)}),
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			want, err := reference(&anypb.Any{TypeUrl: test.typeURL, Value: test.value}, 0)
			if err != nil || !contracttest.Equal(want, test.want) {
				t.Fatalf("protobuf-go says %v, %v", want, err)
			}
			checkDecode(t, test.typeURL, test.value, test.want)
		})
	}
}

// Protobuf's libraries pass over a known field of another wire type; a caller
// would get a zero for what it sent.
func TestDecodeRefusesOtherWireTypes(t *testing.T) {
	one := pack(t, wrapperspb.Int32(1))
	entry := message(nil).bytes(1, []byte("k")).any(2, one)
	for name, test := range map[string]struct {
		typeURL string
		value   message
	}{
		"bytes for a number":   {int32URL, message(nil).varint(1, 5).bytes(1, []byte{9})},
		"a number for text":    {stringURL, message(nil).varint(1, 5)},
		"a group for a number": {int32URL, message(nil).group(1, message(nil).varint(1, 9))},
		"a number for an item": {listURL, message(nil).any(1, one).varint(1, 9)},
		"a number for a type":  {listURL, message(nil).bytes(1, message(nil).varint(1, 9))},
		"a number for a key":   {mapURL, message(nil).bytes(1, message(nil).varint(1, 9).any(2, one))},
		"a number for a value": {mapURL, message(nil).bytes(1, entry.varint(2, 9))},
	} {
		t.Run(name, func(t *testing.T) {
			v, err := wire.Decode(test.typeURL, test.value)
			if err == nil || !strings.Contains(err.Error(), "another wire type") {
				t.Errorf("got %v, %v", v, err)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	one := pack(t, wrapperspb.Int32(1))
	notUTF8 := message(nil).bytes(1, []byte("\xff"))
	tests := map[string]struct {
		typeURL string
		value   []byte
		want    string // what the error says
	}{
		"no type":               {"", nil, `type "": no type that arguments may have`},
		"a foreign type":        {"example.com/foreign.Type", nil, `type "example.com/foreign.Type": no type`},
		"a longer name":         {int32URL + "s", nil, "Int32Values"},
		"a type with a slash":   {int32URL + "/", nil, "no type"},
		"a type in bad UTF-8":   {"\xff/google.protobuf.Int32Value", one.GetValue(), `"\xff/google.protobuf.Int32Value": a string is not valid UTF-8`},
		"a string in bad UTF-8": {stringURL, notUTF8, stringURL + `": a string is not valid UTF-8`},
		"one that is overwritten": {
			stringURL, append(notUTF8, message(nil).bytes(1, []byte("ok"))...),
			"not valid UTF-8",
		},
		"a number cut short":     {int32URL, []byte{8}, int32URL + `": unexpected EOF`},
		"a number without end":   {int32URL, []byte("\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"), "overflow"},
		"a string cut short":     {stringURL, []byte{10, 5, 'a'}, "unexpected EOF"},
		"field 0":                {int32URL, []byte{0, 1}, "invalid field number"},
		"a field past the last":  {int32URL, message(nil).varint(protowire.MaxValidNumber+1, 1), "invalid field number"},
		"a wire type of no type": {int32URL, []byte{15}, "reserved wire type"},
		"a group without end":    {int32URL, []byte{0x23, 8, 1}, "unexpected EOF"},
		"a group without start":  {int32URL, []byte{0x24}, "mismatching end group"},
		"a group's other end":    {int32URL, []byte{0x23, 0x2c}, "mismatching end group"},
		"an item of no type":     {listURL, message(nil).any(1, one).any(1, &anypb.Any{}), `item 2: type "": no type`},
		"an item cut short":      {listURL, message(nil).any(1, one).bytes(1, []byte{10}), `ListValue": item 2: unexpected EOF`},
		"a list cut short":       {listURL, []byte{10}, `ListValue": unexpected EOF`},
		"an entry without item":  {mapURL, message(nil).bytes(1, message(nil).bytes(1, []byte("k"))), `key "k": type "": no type`},
		"an entry cut short":     {mapURL, message(nil).bytes(1, []byte{10}), `MapValue": unexpected EOF`},
		"a key in bad UTF-8":     {mapURL, message(nil).bytes(1, notUTF8.any(2, one)), "not valid UTF-8"},
		"a map cut short":        {mapURL, []byte{10}, `MapValue": unexpected EOF`},
		"deep inside": {
			listURL, message(nil).any(1, packMap(t, map[string]*anypb.Any{"a\n": packList(t, one, &anypb.Any{TypeUrl: stringURL, Value: notUTF8})})),
			`item 1: key "a\n": item 2: type "` + stringURL + `": a string is not valid UTF-8`,
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v, err := wire.Decode(test.typeURL, test.value)
			switch {
			case err == nil:
				t.Fatalf("accepted: %v", v)
			case !strings.Contains(err.Error(), test.want):
				t.Errorf("got  %s\nwant %s", err, test.want)
			case v.Kind() != task.KindNull:
				t.Errorf("a value besides the error: %v", v)
			}
		})
	}
}

func TestDecodeDepth(t *testing.T) {
	one := pack(t, wrapperspb.Int32(1))
	deepest := nested(t, task.MaxDepth, one)
	if _, err := wire.Decode(deepest.GetTypeUrl(), deepest.GetValue()); err != nil {
		t.Errorf("%d levels: %v", task.MaxDepth, err)
	}
	for _, depth := range []int{task.MaxDepth + 1, 1000} {
		deeper := nested(t, depth, one)
		_, err := wire.Decode(deeper.GetTypeUrl(), deeper.GetValue())
		if err == nil || !strings.Contains(err.Error(), "more than 100 lists and maps inside each other") {
			t.Errorf("%d levels: %v", depth, err)
		}
	}
}

// A client must not be able to make a large error, which would not fit into a
// response's header.
func TestDecodeErrorsAreShort(t *testing.T) {
	const longest = 2000
	long := strings.Repeat("\xff\n世", 1<<14)
	bad := &anypb.Any{TypeUrl: strings.Repeat("世", 1<<14)}
	tests := map[string]*anypb.Any{
		"a long type":             {TypeUrl: long},
		"a long type in a list":   packList(t, bad),
		"a long key":              packMap(t, map[string]*anypb.Any{bad.GetTypeUrl(): bad}),
		"many steps to the place": nested(t, task.MaxDepth, bad),
	}
	for name, packed := range tests {
		_, err := wire.Decode(packed.GetTypeUrl(), packed.GetValue())
		if err == nil || len(err.Error()) > longest || !utf8.ValidString(err.Error()) {
			t.Errorf("%s: %.3000v", name, err)
		}
	}
}

// Values share the memory of the message that they were decoded from.
func TestDecodeDoesNotCopy(t *testing.T) {
	packed := pack(t, wrapperspb.Bytes(make([]byte, 1<<20)))
	v, err := wire.Decode(packed.GetTypeUrl(), packed.GetValue())
	if err != nil {
		t.Fatal(err)
	}
	b, _ := v.Bytes()
	value := packed.GetValue()
	if &b[len(b)-1] != &value[len(value)-1] {
		t.Error("the bytes were copied")
	}
}

func TestDecodeAllocations(t *testing.T) {
	packed := pack(t, wrapperspb.Int32(42))
	allocations := testing.AllocsPerRun(100, func() {
		if _, err := wire.Decode(packed.GetTypeUrl(), packed.GetValue()); err != nil {
			t.Fatal(err)
		}
	})
	if allocations != 0 {
		t.Errorf("an Int32Value: %v allocations, want none", allocations)
	}
}

// The memory that a hostile message makes the decoder allocate stays within a few times
// the message's size.
func TestDecodeMemoryIsProportional(t *testing.T) {
	const size, factor = 1 << 18, 8
	empty := message(nil).bytes(1, nil) // the smallest field there is
	garbage := message(strings.Repeat(string(empty), size/len(empty)))
	item := message(nil).any(1, packList(t))
	for name, test := range map[string]*anypb.Any{
		"empty items":         {TypeUrl: listURL, Value: garbage},
		"empty entries":       {TypeUrl: mapURL, Value: garbage},
		"a list of lists":     {TypeUrl: listURL, Value: message(strings.Repeat(string(item), size/len(item)))},
		"deep in empty items": nested(t, task.MaxDepth-1, &anypb.Any{TypeUrl: listURL, Value: garbage}),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _ = wire.Decode(test.GetTypeUrl(), test.GetValue())
		runtime.ReadMemStats(&after)
		if got := after.TotalAlloc - before.TotalAlloc; got > factor*size {
			t.Errorf("%s: %d bytes for a message of %d", name, got, len(test.GetValue()))
		}
	}
}
