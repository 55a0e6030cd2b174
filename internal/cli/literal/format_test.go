package literal

import (
	"math"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

// TestFormatIsTheReverseOfParse for each kind, and for words that look like
// another one.
func TestFormatIsTheReverseOfParse(t *testing.T) {
	t.Parallel()
	for want, value := range map[string]task.Value{
		"true":               task.Bool(true),
		"-5":                 task.Int32(-5),
		"i64:5":              task.Int64(5),
		"u32:5":              task.Uint32(5),
		"u64:5":              task.Uint64(5),
		"f32:1.5":            task.Float(1.5),
		"1.5":                task.Double(1.5),
		"f64:5":              task.Double(5),
		"1e+300":             task.Double(1e300),
		"f64:-Inf":           task.Double(math.Inf(-1)),
		"plain text":         task.String("plain text"),
		"a:b":                task.String("a:b"),
		"str:5":              task.String("5"),
		"str:true":           task.String("true"),
		"str:i64:5":          task.String("i64:5"),
		"str:[1":             task.String("[1"),
		"str:bytes:@file":    task.String("bytes:@file"),
		"b64:/wA=":           task.Bytes([]byte{0xff, 0}),
		`[1,"i64:2","x",[]]`: task.ListOf(task.Int32(1), task.Int64(2), task.String("x"), task.ListOf()),
		`{"a":"str:str:","b":false,"c":"b64:"}`: task.MapOf(map[string]task.Value{
			"a": task.String("str:"), "b": task.Bool(false), "c": task.Bytes(nil),
		}),
	} {
		got := Format(value)
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		read, err := Parse([]string{got}, strings.NewReader(""))
		if err != nil || Format(read[0].(task.Value)) != want || read[0].(task.Value).Kind() != value.Kind() {
			t.Errorf("%s is read as %v, %v", got, read, err)
		}
	}
}
