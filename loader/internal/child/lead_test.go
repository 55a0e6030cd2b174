package child

import (
	"io"
	"os"
	"testing"

	"github.com/taskscheduler/taskscheduler/loader/internal/frame"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// A gate is a library of one task. Called with text it answers that at once, with none
// it waits until it is let through.
type gate struct {
	mirror

	arrived, pass chan struct{}
}

func (g gate) Call(c *library.Call, done func(library.Status, task.Value)) {
	if len(c.Args) == 0 {
		g.arrived <- struct{}{}
		<-g.pass
		done(library.OK, task.Null())
		return
	}
	done(library.OK, c.Args[0])
}

// talk serves a library, and returns what the parent has of it: where it writes, and
// what it reads.
func talk(t *testing.T, opened library.Library) (*os.File, *frame.Reader) {
	t.Helper()
	in, calls, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	answers, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	s := newServer(Options{MaxFrameBytes: fuzzLimit}, out)
	s.library, s.tasks = opened, opened.Describe().Tasks
	ended := make(chan error)
	go func() { ended <- s.serve(frame.NewReader(in, fuzzLimit)) }()
	t.Cleanup(func() {
		_ = calls.Close()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		<-s.writer.Idle()
		for _, file := range []io.Closer{in, answers, out} {
			_ = file.Close()
		}
	})
	return calls, frame.NewReader(answers, fuzzLimit)
}

func send(t *testing.T, calls io.Writer, id uint64, args ...task.Value) {
	t.Helper()
	b, err := frame.AppendCall(nil, fuzzLimit, &library.Call{ID: id, Args: args})
	if err == nil {
		_, err = calls.Write(b)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// answered waits for an answer and returns whose it is.
func answered(t *testing.T, answers *frame.Reader, want string) uint64 {
	t.Helper()
	f, err := answers.Next()
	if err != nil {
		t.Fatal(err)
	}
	id, body, err := frame.CutID(f.Body)
	if err != nil {
		t.Fatal(err)
	}
	status, value, err := frame.ParseAnswer(body, false, fuzzLimit)
	if text, _ := value.Str(); err != nil || status != library.OK || text != want {
		t.Fatalf("call %d: %d, %q, %v; want %q", id, status, text, err, want)
	}
	return id
}

func TestACallThatTakesLongHoldsUpNobodyThoughItsTaskWasBrief(t *testing.T) {
	g := gate{arrived: make(chan struct{}), pass: make(chan struct{})}
	calls, answers := talk(t, g)
	id := uint64(0)
	next := func(args ...task.Value) uint64 {
		id++
		send(t, calls, id, args...)
		return id
	}
	for range 2000 { // by then the leader runs them itself, unless the machine is very busy
		if sent := next(task.String("brief")); answered(t, answers, "brief") != sent {
			t.Fatalf("another call than %d was answered", sent)
		}
	}
	const waiting = 3 // one after the other takes the leader's place
	for range waiting {
		next()
		<-g.arrived
	}
	for range 100 {
		if sent := next(task.String("behind")); answered(t, answers, "behind") != sent {
			t.Fatalf("another call than %d was answered", sent)
		}
	}
	close(g.pass)
	for range waiting {
		answered(t, answers, "")
	}
}

// TestTheLastCallIsAnsweredThoughNobodyCallsAgain: who leads by then waits for the next
// call, and sends nothing before it comes.
func TestTheLastCallIsAnsweredThoughNobodyCallsAgain(t *testing.T) {
	g := gate{arrived: make(chan struct{}), pass: make(chan struct{})}
	calls, answers := talk(t, g)
	id := uint64(0)
	brief := func() {
		id++
		send(t, calls, id, task.String("brief"))
		answered(t, answers, "brief")
	}
	for range 10 { // it takes some luck to be told all the same
		for range 500 {
			brief()
		}
		id++
		long := id
		send(t, calls, long)
		<-g.arrived
		brief()
		g.pass <- struct{}{}
		if got := answered(t, answers, ""); got != long {
			t.Fatalf("call %d was answered, want %d", got, long)
		}
	}
}

func TestCallsThatComeTogetherAreAllAnswered(t *testing.T) {
	calls, answers := talk(t, mirror{})
	const all = 20_000 // more than either pipe holds
	go func() {
		var b []byte
		for id := range uint64(all) {
			one, _ := frame.AppendCall(nil, fuzzLimit, &library.Call{ID: id + 1})
			if b = append(b, one...); len(b) > 8<<10 {
				_, _ = calls.Write(b)
				b = nil
			}
		}
		_, _ = calls.Write(b)
	}()
	seen := make(map[uint64]bool)
	for range all {
		f, err := answers.Next()
		if err != nil {
			t.Fatal(err)
		}
		id, _, err := frame.CutID(f.Body)
		if err != nil || seen[id] || id == 0 || id > all {
			t.Fatalf("call %d: seen %t, %v", id, seen[id], err)
		}
		seen[id] = true
	}
}

func TestCallsThatBlockLeaveThreadsForTheOthers(t *testing.T) {
	for threads, want := range map[int]int{64: 48, 1024: 1008, 20: 10, 1: 1, -1: 1 << 16} {
		if got := callsAtATime(threads); got != want {
			t.Errorf("%d calls with %d threads, want %d", got, threads, want)
		}
	}
}
