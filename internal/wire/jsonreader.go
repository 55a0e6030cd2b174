package wire

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/jsontext"
	"github.com/taskscheduler/taskscheduler/task"
)

// maxJSONDepth is what the deepest arguments take: a list is an object and an
// array, a map two objects, and around them are a batch's and a task's.
const maxJSONDepth = 2*(task.MaxDepth+1) + 6

// reader reads a checked JSON text by protobuf's rules, but for one: a field
// that the message doesn't have is an error. After the first error it reads no
// more.
type reader struct {
	jsontext.Cursor
	err error
}

func (r *reader) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// want fails unless a value of that kind begins here.
func (r *reader) want(kind byte, name string) bool {
	if r.err == nil && r.Kind() != kind {
		r.fail(fmt.Errorf("want %s", name))
	}
	return r.err == nil
}

// object reads an object with these fields; read is called for each one that is
// there and not null. What fails in it is told with the field's name.
func (r *reader) object(names map[string]int, read func(number int)) {
	if !r.want(jsontext.Object, "an object") {
		return
	}
	var seen uint32
	r.Enter()
	for r.err == nil && r.More() {
		key := r.Key()
		number, known := names[key]
		switch bit := uint32(1) << number; {
		case !known:
			r.fail(unknownField(key, names))
		case seen&bit != 0:
			r.fail(fmt.Errorf("field %s is there twice", quote(key)))
		case number == typeField, r.Kind() == jsontext.Null:
			seen |= bit
			r.Skip()
		default:
			seen |= bit
			read(number)
			if _, nested := errors.AsType[*pathError](r.err); r.err != nil && !nested {
				r.err = fmt.Errorf("%s: %w", key, r.err)
			}
		}
	}
}

// typeField is the number under which a table of names has "@type": its place
// was noted when the text was checked.
const typeField = 0

func unknownField(key string, names map[string]int) error {
	plain := func(s string) string { return strings.ToLower(strings.ReplaceAll(s, "_", "")) }
	for name := range names {
		if plain(name) == plain(key) && !strings.Contains(name, "_") {
			return fmt.Errorf("unknown field %s; the field's name is %q", quote(key), name)
		}
	}
	return fmt.Errorf("unknown field %s", quote(key))
}

// list reads an array; read is called for each element.
func (r *reader) list(read func()) {
	if !r.want(jsontext.Array, "an array") {
		return
	}
	r.Enter()
	for r.err == nil && r.More() {
		read()
	}
}

func (r *reader) string() string {
	if !r.want(jsontext.String, "a string") {
		return ""
	}
	return r.String()
}

func (r *reader) bool() bool {
	on := r.Kind() == jsontext.True
	if !on && r.Kind() != jsontext.False {
		r.fail(errors.New("want true or false"))
		return false
	}
	r.Skip()
	return on
}

// number reads a number, which may stand in quotes, as it is written.
func (r *reader) number() string {
	switch r.Kind() {
	case jsontext.Number:
		return r.Number()
	case jsontext.String:
		if s := r.String(); jsontext.IsNumber(s) {
			return s
		}
	}
	r.fail(errors.New("want a number"))
	return "0"
}

func (r *reader) uint(bits int) uint64 {
	u, ok := jsontext.ParseUint(r.number(), bits)
	if !ok {
		r.fail(fmt.Errorf("want a whole number from 0 to %d", uint64(math.MaxUint64)>>(64-bits)))
	}
	return u
}

func (r *reader) int(bits int) int64 {
	i, ok := jsontext.ParseInt(r.number(), bits)
	if !ok {
		largest := int64(math.MaxInt64) >> (64 - bits)
		r.fail(fmt.Errorf("want a whole number from %d to %d", -largest-1, largest))
	}
	return i
}

func (r *reader) float(bits int) float64 {
	if r.Kind() == jsontext.String {
		before := r.Cursor
		switch r.String() {
		case "NaN":
			return math.NaN()
		case "Infinity":
			return math.Inf(1)
		case "-Infinity":
			return math.Inf(-1)
		}
		r.Cursor = before
	}
	f, ok := jsontext.ParseFloat(r.number(), bits)
	if !ok {
		r.fail(fmt.Errorf("want a number that %d bits hold", bits))
	}
	return f
}

// bytes reads base64, of either alphabet, with or without padding.
func (r *reader) bytes() []byte {
	s := r.string()
	encoding := base64.StdEncoding
	if strings.ContainsAny(s, "-_") {
		encoding = base64.URLEncoding
	}
	if len(s)%4 != 0 {
		encoding = encoding.WithPadding(base64.NoPadding)
	}
	b, err := encoding.DecodeString(s)
	if err != nil {
		r.fail(errors.New("want base64"))
	}
	return b
}

// duration reads seconds with an s after them: "1.5s".
func (r *reader) duration() time.Duration {
	s, isSeconds := strings.CutSuffix(r.string(), "s")
	if !isSeconds || !jsontext.IsNumber(s) || strings.ContainsAny(s, "eE") {
		r.fail(errors.New(`want seconds, such as "1.5s"`))
		return 0
	}
	seconds, _ := jsontext.ParseFloat(s, 64)
	switch {
	case seconds >= time.Duration(math.MaxInt64).Seconds():
		return math.MaxInt64
	case seconds <= time.Duration(math.MinInt64).Seconds():
		return math.MinInt64
	}
	d, err := time.ParseDuration(s + "s")
	r.fail(err)
	return d
}

// time reads a time as RFC 3339 has it.
func (r *reader) time() time.Time {
	t, err := time.Parse(time.RFC3339Nano, r.string())
	if err != nil {
		r.fail(errors.New(`want a time, such as "2030-01-31T12:00:00Z"`))
	}
	return t.UTC()
}
