package process

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/taskscheduler/taskscheduler/loader/internal/frame"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

const fuzzLimit = 1 << 16

// FuzzFromChild has the parent read whatever a child may send.
func FuzzFromChild(f *testing.F) {
	good := frame.OfGreeting(frame.Greeting{
		Description: library.Description{Version: "1.2", Doc: "doc", Tasks: []library.TaskInfo{{Name: "t", Async: true}}},
		Notes:       []string{"note"},
	})
	for _, v := range []task.Value{task.Null(), task.String("é"), task.ListOf(task.Bytes([]byte{0xff}))} {
		answered, err := frame.AppendAnswer(nil, fuzzLimit, 1<<32, library.Failed, v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(bytes.Clone(good), answered...))
	}
	f.Add(append(bytes.Clone(good), frame.OfID(frame.Pong, 1<<32)...))
	f.Add(frame.OfRefusal("no"))
	f.Add(append(bytes.Clone(good), frame.OfLine(frame.Line{Call: 1 << 32, Text: "line"})...))
	f.Add(append(bytes.Clone(good), frame.OfReport(frame.Report{Call: 1 << 32, Fraction: 0.5, Note: "note"})...))
	f.Add([]byte{255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, stream []byte) {
		p := &Process{config: Config{Name: "f", MaxFrameBytes: fuzzLimit}.withDefaults(), loaded: make(chan error, 1)}
		p.log = newPluginLog(slog.New(slog.DiscardHandler))
		s, err := p.calls.begin(CallInfo{TaskID: "id"})
		if err != nil {
			t.Fatal(err)
		}
		reader := frame.NewReader(bytes.NewReader(stream), fuzzLimit)
		err = p.receiveHello(reader)
		for err == nil {
			err = p.receiveOne(reader)
		}
		if len(s.answer) == 0 {
			return
		}
		if a := <-s.answer; a.err == nil && a.status != library.OK && p.message(a) == "" {
			t.Errorf("%+v has no message", a)
		}
	})
}
