package child

import (
	"bytes"
	"os"
	"testing"

	"github.com/taskscheduler/taskscheduler/loader/internal/frame"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

const fuzzLimit = 1 << 16

// FuzzFromParent has the child read whatever might come in place of calls.
func FuzzFromParent(f *testing.F) {
	for _, v := range []task.Value{task.Null(), task.String("é"), task.ListOf(task.Bytes([]byte{0xff}))} {
		call, err := frame.AppendCall(nil, fuzzLimit, &library.Call{ID: 1, TaskID: "id", Args: []task.Value{v, v}})
		if err != nil {
			f.Fatal(err)
		}
		f.Add(call)
	}
	f.Add(frame.OfID(frame.Ping, 1))
	f.Add(frame.OfID(frame.Answer, 1))
	f.Add([]byte{2, 0, 0, 0, byte(frame.Cancel), 1})
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = null.Close() })
	f.Fuzz(func(_ *testing.T, stream []byte) {
		s := newServer(Options{MaxFrameBytes: fuzzLimit}, null)
		s.library, s.tasks = mirror{}, mirror{}.Describe().Tasks
		_ = s.serve(frame.NewReader(bytes.NewReader(stream), fuzzLimit)) // whatever it says
		<-s.writer.Idle()
	})
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
