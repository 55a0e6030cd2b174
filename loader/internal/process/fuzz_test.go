package process

import (
	"bytes"
	"log/slog"
	"math"
	"os"
	"testing"

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
		frame, err := appendAnswer(nil, fuzzLimit, 1, library.OK, v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame[frameHead+id:])
	}
	f.Add(bytes.Repeat([]byte{byte(task.KindList), 1}, 200))
	f.Add([]byte{0, byte(task.KindMap), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, body []byte) {
		status, v, err := parseAnswer(body, fuzzLimit)
		if err != nil {
			return
		}
		frame, err := appendAnswer(nil, math.MaxInt, 1, status, v)
		if err != nil {
			t.Fatal(err)
		}
		again, w, err := parseAnswer(frame[frameHead+id:], len(frame)*fieldBytes)
		if err != nil || again != status || w.Kind() != v.Kind() || w.String() != v.String() {
			t.Errorf("%d %v became %d %v, %v", status, v, again, w, err)
		}
	})
}

// FuzzFromChild has the parent read whatever a child may send.
func FuzzFromChild(f *testing.F) {
	good := helloFrame(describing(library.TaskInfo{Name: "t", Async: true}))
	for _, v := range fuzzValues {
		frame, err := appendAnswer(nil, fuzzLimit, 1<<32, library.Failed, v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(append(bytes.Clone(good), frame...))
	}
	f.Add(append(bytes.Clone(good), idFrame(framePong, 1<<32)...))
	f.Add(endFrame(append(beginFrame(nil, frameRefusal), "no"...)))
	f.Add(append(bytes.Clone(good), endFrame(append(beginFrame(nil, frameLog), make([]byte, 20)...))...))
	f.Add(append(bytes.Clone(good), endFrame(append(beginFrame(nil, frameProgress), make([]byte, 20)...))...))
	f.Add([]byte{255, 255, 255, 255, 1})
	f.Fuzz(func(t *testing.T, stream []byte) {
		p := &Process{config: Config{Name: "f", MaxFrameBytes: fuzzLimit}.withDefaults(), loaded: make(chan error, 1)}
		p.stderr = newStderrLog(slog.New(slog.DiscardHandler))
		s, err := p.calls.begin("id")
		if err != nil {
			t.Fatal(err)
		}
		reader := newFrameReader(bytes.NewReader(stream), fuzzLimit)
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

// FuzzFromParent has the child read whatever might come in place of calls.
func FuzzFromParent(f *testing.F) {
	for _, v := range fuzzValues {
		frame, err := appendCall(nil, fuzzLimit, &library.Call{ID: 1, TaskID: "id", Args: []task.Value{v, v}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(frame)
	}
	f.Add(idFrame(framePing, 1))
	f.Add(idFrame(frameAnswer, 1))
	f.Add([]byte{2, 0, 0, 0, byte(frameCancel), 1})
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = null.Close() })
	f.Fuzz(func(_ *testing.T, stream []byte) {
		s := newServer(options{MaxFrameBytes: fuzzLimit}, null)
		s.library, s.tasks = mirror{}, 1
		_ = s.serve(newFrameReader(bytes.NewReader(stream), fuzzLimit)) // whatever it says
		<-s.writer.Idle()
	})
}

// describing returns a table of these tasks.
func describing(tasks ...library.TaskInfo) table {
	return table{Description: library.Description{Version: "1.2", Doc: "doc", Tasks: tasks}, notes: []string{"note"}}
}

// A mirror is a library that returns its arguments.
type mirror struct{}

func (mirror) Describe() library.Description {
	return library.Description{Tasks: []library.TaskInfo{{Name: "mirror"}}}
}

func (mirror) Call(c *library.Call, done func(library.Status, task.Value)) {
	done(library.OK, task.ListOf(c.Args...))
}
func (mirror) Cancel(uint64) {}
func (mirror) Close()        {}

// FuzzHello reads what a child may tell of itself.
func FuzzHello(f *testing.F) {
	frame := helloFrame(describing(library.TaskInfo{Name: "a", Signature: "() -> any"}, library.TaskInfo{Name: "b", Async: true, Doc: "b"}))
	f.Add(frame[frameHead:])
	f.Add([]byte{1, 0xff, 0xff, 0xff, 0xff, 0x7f})
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := parseHello(body)
		if err != nil {
			return
		}
		if _, err := methods("fuzzed", got.Tasks); err != nil {
			return
		}
		again, err := parseHello(helloFrame(got)[frameHead:])
		if err != nil || len(again.Tasks) != len(got.Tasks) || again.Version != got.Version || again.Doc != got.Doc || len(again.notes) != len(got.notes) {
			t.Errorf("%+v became %+v, %v", got, again, err)
		}
	})
}
