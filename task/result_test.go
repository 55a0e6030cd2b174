package task_test

import (
	"math"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

type parcel struct {
	UserName string
	Items    []piece `json:"items"`
	Raw      []byte
	Rate     float32
	Note     *string
	Wait     time.Duration
	At       time.Time
	Peer     netip.Addr
	Any      any
	Grid     [2]int16
	Left     map[string]uint64
	Self     *parcel
}

type piece struct {
	ID    int
	Price float64
}

var parcelValue = task.MapOf(map[string]task.Value{
	"user_name": task.String("ann"),
	"items": task.ListOf(task.MapOf(map[string]task.Value{
		"id": task.Uint32(7), "price": task.Int32(2), "unknown": task.Bool(true),
	})),
	"raw":  task.Bytes([]byte{0, 255}),
	"rate": task.Float(0.1),
	"wait": task.String("1m30s"),
	"at":   task.String("2026-01-02T03:04:05.5Z"),
	"peer": task.String("192.0.2.1"),
	"any":  task.ListOf(task.Int64(5), task.String("x"), task.MapOf(map[string]task.Value{"y": task.Double(math.NaN())})),
	"grid": task.ListOf(task.Int32(1), task.Double(-2)),
	"left": task.MapOf(map[string]task.Value{"z": task.Uint64(math.MaxUint64)}),
	"self": task.MapOf(map[string]task.Value{"note": task.String("n")}),
})

func wantParcel(t *testing.T, got parcel, nan any) {
	t.Helper()
	inner := got.Any.([]any)[2].(map[string]any)["y"]
	if f, isFloat := inner.(float64); nan == nil && (!isFloat || !math.IsNaN(f)) || nan != nil && inner != nan {
		t.Errorf("behind an any there is %v", inner)
	}
	got.Any = got.Any.([]any)[:2]
	note := "n"
	want := parcel{
		UserName: "ann", Items: []piece{{7, 2}}, Raw: []byte{0, 255}, Rate: 0.1, Wait: 90 * time.Second,
		At: time.Date(2026, 1, 2, 3, 4, 5, 5e8, time.UTC), Peer: netip.MustParseAddr("192.0.2.1"), Any: []any{int64(5), "x"},
		Grid: [2]int16{1, -2}, Left: map[string]uint64{"z": math.MaxUint64}, Self: &parcel{Note: &note},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestDecodeIntoAStruct(t *testing.T) {
	var got parcel
	if err := parcelValue.Decode(&got); err != nil {
		t.Fatal(err)
	}
	wantParcel(t, got, nil)
	text, err := parcelValue.Text()
	if err != nil {
		t.Fatal(err)
	}
	got = parcel{}
	if err := task.DecodeText(text, &got); err != nil {
		t.Fatal(err)
	}
	wantParcel(t, got, "NaN") // of which the text doesn't say what it was
}

func TestDecodeScalars(t *testing.T) {
	for _, c := range []struct {
		v    task.Value
		text string
		to   any // a pointer to zero
		want any
	}{
		{task.Double(5), "5", new(int), 5},
		{task.Int64(-128), "-128", new(int8), int8(-128)},
		{task.Int32(65535), "65535", new(uint16), uint16(65535)},
		{task.Uint64(math.MaxUint64), "18446744073709551615", new(uint64), uint64(math.MaxUint64)},
		{task.Float(0.1), "0.1", new(float32), float32(0.1)},
		{task.Int32(5), "5", new(float64), 5.0},
		{task.Double(math.Inf(-1)), "-Infinity", new(float64), math.Inf(-1)},
		{task.Bool(true), "true", new(bool), true},
		{task.String("5"), "5", new(string), "5"},
		{task.Bytes([]byte("raw")), "raw", new([]byte), []byte("raw")},
		{task.String("5s"), "5s", new(time.Duration), 5 * time.Second},
		{task.String("5"), "5", new(any), "5"},
		{task.String("2026-01-02T03:04:05Z"), "2026-01-02T03:04:05Z", new(time.Time), time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)},
		{task.ListOf(task.Int32(1), task.Int64(2)), "[1,2]", new([]int), []int{1, 2}},
		{task.ListOf(task.Int32(1), task.Int32(2)), "[1,2]", new([2]int), [2]int{1, 2}},
		{task.Null(), "", new([]int), []int(nil)},
		{task.Int32(5), "5", new(*int), new(5)},
	} {
		for name, decode := range map[string]func(any) error{
			"value": c.v.Decode, "text": func(to any) error { return task.DecodeText(c.text, to) },
		} {
			to := reflect.New(reflect.TypeOf(c.to).Elem())
			err := decode(to.Interface())
			if got := to.Elem().Interface(); err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%s of %v: got %#v, %v, want %#v", name, c.v, got, err, c.want)
			}
		}
	}
}

func TestDecodeSaysWhatDoesNotFit(t *testing.T) {
	for _, c := range []struct {
		v    task.Value
		to   any
		want string
	}{
		{task.String("x"), new(int), "into int: it is a string"},
		{task.Int32(128), new(int8), "it is the int32 128, which int8 can't hold"},
		{task.Int32(-1), new(uint64), "it is the int32 -1, which a uint64 can't hold"},
		{task.Double(0.5), new(int), "it is the double 0.5, which an int64 can't hold"},
		{task.Double(0.1), new(float32), "which a float can't hold"},
		{task.Int64(1<<53 + 1), new(float64), "which a double can't hold"},
		{task.ListOf(task.Int32(1), task.Bool(true)), new([]int), "it: item 2 is a bool"},
		{parcelValue, &struct{ Items []struct{ ID bool } }{}, `it: key "items": item 1: key "id" is a`},
		{task.Int64(5), new(time.Duration), "multiply it by the unit"},
		{task.String("5"), new(time.Duration), `not a duration such as "1m30s"`},
		{task.Int64(5), new(time.Time), "time.UnixMilli"},
		{task.String("yesterday"), new(time.Time), "not a time.Time"},
		{task.ListOf(task.Int32(1)), new([2]int), "it has 1 items, and [2]int has 2"},
		{task.Int32(1), new(chan int), "chan int is not a type"},
		{task.Int32(1), 5, "want a pointer"},
		{task.Int32(1), (*int)(nil), "want a pointer"},
		{task.Int32(1), nil, "want a pointer"},
	} {
		err := c.v.Decode(c.to)
		if e := task.ErrorOf(err); e == nil || e.Code != task.InvalidArgument || !strings.Contains(e.Message, c.want) {
			t.Errorf("%v into %T: %v, want …%s…", c.v, c.to, err, c.want)
		}
	}
	for text, to := range map[string]any{
		"x": new(int), "128": new(int8), "-1": new(uint), "0.5": new(int), "": new(bool), "[1": new([]int), "[1]x": new([]int),
		"5": new(time.Duration), "1e39": new(float32), "{}": new([]int), `["!"]`: new([][]byte), "pong": new(map[string]any),
		"y": nil, "z": 5, "NaN": new(int),
	} {
		if e := task.ErrorOf(task.DecodeText(text, to)); e == nil || e.Code != task.InvalidArgument {
			t.Errorf("%s into %T: %v", text, to, e)
		}
	}
}

func TestTimesAreNoParameters(t *testing.T) {
	for _, fn := range []any{func(time.Duration) {}, func(...time.Time) {}, func(struct{ At time.Time }) {}} {
		_, err := task.NewSync(fn, task.Name("x"))
		if err == nil || !strings.Contains(err.Error(), "is not a type of the contract: take an int64") {
			t.Errorf("%T: %v", fn, err)
		}
	}
}

// FuzzDecodeText: whatever a server sends.
func FuzzDecodeText(f *testing.F) {
	text, _ := parcelValue.Text()
	f.Add(text)
	f.Add("[1,[2,{}],null]")
	f.Fuzz(func(t *testing.T, text string) {
		for _, to := range []any{new(parcel), new(any), new([]any), new(int8), new(float32), new(task.Value), new(map[string][]byte)} {
			_ = task.DecodeText(text, to)
		}
	})
}
