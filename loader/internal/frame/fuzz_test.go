package frame

import (
	"bytes"
	"log/slog"
	"math"
	"testing"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

const fuzzLimit = 1 << 16

var fuzzValues = []task.Value{
	task.Null(), task.Bool(true), task.Int32(-5), task.Int64(math.MinInt64), task.Uint32(9), task.Uint64(math.MaxUint64),
	task.Float(1.5), task.Double(math.NaN()), task.String("é"), task.Bytes([]byte{0xff}),
	task.ListOf(task.Null(), task.ListOf(task.Int32(1))), task.MapOf(map[string]task.Value{"k": task.MapOf(nil)}),
}

// FuzzAnswer reads what a child may send as an answer. What it understands, it
// can write again.
func FuzzAnswer(f *testing.F) {
	const id = 8
	for _, v := range fuzzValues {
		frame, err := AppendAnswer(nil, fuzzLimit, 1, library.OK, v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame[headBytes+id:])
	}
	f.Add(bytes.Repeat([]byte{byte(task.KindList), 1}, 200))
	f.Add([]byte{0, byte(task.KindMap), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, body []byte) {
		status, v, err := ParseAnswer(body, true, fuzzLimit)
		if err != nil {
			return
		}
		frame, err := AppendAnswer(nil, math.MaxInt, 1, status, v)
		if err != nil {
			t.Fatal(err)
		}
		again, w, err := ParseAnswer(frame[headBytes+id:], false, len(frame)*fieldBytes)
		if err != nil || again != status || w.Kind() != v.Kind() || w.String() != v.String() {
			t.Errorf("%d %v became %d %v, %v", status, v, again, w, err)
		}
	})
}

// FuzzGreeting reads what a child may tell of itself.
func FuzzGreeting(f *testing.F) {
	tasks := []library.TaskInfo{{Name: "a", Signature: "() -> any"}, {Name: "b", Async: true, Doc: "b"}}
	description := library.Description{Version: "1.2", Doc: "doc", Tasks: tasks}
	f.Add(OfGreeting(Greeting{Description: description, Notes: []string{"note"}})[headBytes:])
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := ParseGreeting(body)
		if err != nil {
			return
		}
		again, err := ParseGreeting(OfGreeting(got)[headBytes:])
		if err != nil || len(again.Tasks) != len(got.Tasks) || again.Version != got.Version || again.Doc != got.Doc || len(again.Notes) != len(got.Notes) {
			t.Errorf("%+v became %+v, %v", got, again, err)
		}
	})
}

// FuzzTexts reads what a child may log or report.
func FuzzTexts(f *testing.F) {
	f.Add(OfLine(Line{Call: 1, Level: slog.LevelWarn, Text: "text"})[headBytes:])
	f.Add(OfReport(Report{Call: 1, Fraction: 0.5, Note: "note"})[headBytes:])
	f.Fuzz(func(t *testing.T, body []byte) {
		if line, err := ParseLine(body); err == nil {
			again, err := ParseLine(OfLine(line)[headBytes:])
			if err != nil || again.Call != line.Call || again.Level != line.Level || !utf8.ValidString(again.Text) {
				t.Errorf("%+v became %+v, %v", line, again, err)
			}
		}
		if report, err := ParseReport(body); err == nil {
			again, err := ParseReport(OfReport(report)[headBytes:])
			if err != nil || again.Call != report.Call || !utf8.ValidString(again.Note) {
				t.Errorf("%+v became %+v, %v", report, again, err)
			}
		}
	})
}

// FuzzCall reads what a parent might send as a call.
func FuzzCall(f *testing.F) {
	for _, v := range fuzzValues {
		frame, err := AppendCall(nil, fuzzLimit, &library.Call{ID: 1, TaskID: "id", Args: []task.Value{v, v}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame[headBytes:])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		var call, again library.Call
		if ParseCall(body, fuzzLimit, &call) != nil {
			return
		}
		frame, err := AppendCall(nil, math.MaxInt, &call)
		if err != nil {
			t.Fatal(err)
		}
		err = ParseCall(frame[headBytes:], len(frame)*fieldBytes, &again)
		if err != nil || again.ID != call.ID || again.TaskID != call.TaskID || len(again.Args) != len(call.Args) {
			t.Errorf("%+v became %+v, %v", call, again, err)
		}
	})
}
