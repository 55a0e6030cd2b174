package process_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestEveryKindOfValueComesBack(t *testing.T) {
	p := start(t, process.Config{})
	deep := task.Int32(1)
	for range task.MaxDepth {
		deep = task.ListOf(deep)
	}
	for _, v := range []task.Value{
		task.Null(), task.Bool(true), task.Bool(false),
		task.Int32(math.MinInt32), task.Int32(math.MaxInt32), task.Int64(math.MinInt64), task.Int64(math.MaxInt64),
		task.Uint32(math.MaxUint32), task.Uint64(math.MaxUint64),
		task.Float(float32(math.Inf(-1))), task.Double(math.SmallestNonzeroFloat64), task.Double(math.Copysign(0, -1)),
		task.String(""), task.String("Grüße, 世界\x00"), task.Bytes(nil), task.Bytes([]byte{0, 255}),
		task.ListOf(), task.ListOf(task.Null(), task.ListOf(task.String("x"))),
		task.MapOf(nil), task.MapOf(map[string]task.Value{"": task.Null(), "ключ": task.MapOf(nil)}),
		deep,
	} {
		got, err := call(t.Context(), p, "echo", v)
		if err != nil || got.Kind() != v.Kind() || got.String() != v.String() {
			t.Errorf("echo(%s %v) = %s %v, %v", v.Kind(), v, got.Kind(), got, err)
		}
	}
	if got, err := call(t.Context(), p, "echo", task.Int32(1), task.String("two")); err != nil || got.String() != `[1,"two"]` {
		t.Errorf("two arguments: %v, %v", got, err)
	}
	if got, err := call(t.Context(), p, "echo"); err != nil || got.String() != `[]` {
		t.Errorf("no arguments: %v, %v", got, err)
	}
}

// Arguments are held against a task's signature before the library hears of them.
func TestSignature(t *testing.T) {
	p := start(t, process.Config{})
	numbers := []task.Value{task.Int64(1), task.Int32(2), task.Double(3)}
	if got, err := call(t.Context(), p, "typed", numbers...); err != nil || got.String() != `["int64","int64","int64"]` {
		t.Errorf("got %v, %v", got, err)
	}
	if numbers[1].Kind() != task.KindInt32 {
		t.Error("the caller's arguments were written to")
	}
	_, err := call(t.Context(), p, "typed", task.Int64(1), task.String("2"))
	wantError(t, err, task.InvalidArgument, "::typed(numbers: int64...) -> list<string>: argument 2 is a string")
	_, err = call(t.Context(), p, "typed", task.Double(1.5))
	wantError(t, err, task.InvalidArgument, "argument 1 is the double 1.5, which an int64 can't hold")
}

// A deadline that 64 bits don't hold is none.
func TestFarDeadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), math.MaxInt64)
	defer cancel()
	got, err := call(ctx, start(t, process.Config{}), "describe")
	if text, _ := got.Str(); err != nil || !strings.HasSuffix(text, " 0 minutes left") {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestLargeValues(t *testing.T) {
	p := start(t, process.Config{MaxFrameBytes: 1 << 20})
	for _, size := range []int{60 << 10, 64 << 10, 70 << 10, 1<<20 - 100} {
		large := bytes.Repeat([]byte{7}, size)
		got, err := call(t.Context(), p, "echo", task.Bytes(large))
		if b, _ := got.Bytes(); err != nil || !bytes.Equal(b, large) {
			t.Errorf("%d bytes: got %d, %v", size, len(b), err)
		}
	}
	_, err := call(t.Context(), p, "echo", task.Bytes(make([]byte, 1<<20)))
	wantError(t, err, task.ResourceExhausted, "larger than the 1048576 bytes")
	answers(t, p)
}

func TestManyCallers(t *testing.T) {
	p := start(t, process.Config{})
	var all sync.WaitGroup
	for caller := range 64 {
		all.Go(func() {
			for i := range 100 {
				want := fmt.Sprintf("%d/%d", caller, i) + strings.Repeat(".", caller*i)
				got, err := call(t.Context(), p, "echo", task.String(want))
				if s, _ := got.Str(); err != nil || s != want {
					t.Errorf("got %.20q, %v; want %.20q", s, err, want)
					return
				}
			}
		})
	}
	all.Wait()
}

func TestLibraryIsToldAboutTheCall(t *testing.T) {
	p := start(t, process.Config{})
	got, err := p.Call(t.Context(), 1, process.CallInfo{TaskID: "order-7", Attempt: 3}, nil)
	if s, _ := got.Str(); err != nil || s != "order-7, attempt 3, 0 minutes left" {
		t.Errorf("got %q, %v", s, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	got, err = p.Call(ctx, 1, process.CallInfo{Attempt: 1}, nil)
	if s, _ := got.Str(); err != nil || s != ", attempt 1, 10 minutes left" {
		t.Errorf("got %q, %v", s, err)
	}
	if _, err := p.Call(t.Context(), 1000, process.CallInfo{}, nil); err == nil {
		t.Error("a task that there is not was called")
	}
}

func TestStatusesAreErrorCodes(t *testing.T) {
	p := start(t, process.Config{})
	for _, test := range []struct {
		status  library.Status
		code    task.Code
		without string // the message when the library gives none
	}{
		{library.Failed, task.Internal, "plugin fake: the task failed and does not say why"},
		{library.Retry, task.Unavailable, "plugin fake: the task failed and may succeed when tried again"},
		{library.Cancelled, task.Cancelled, "plugin fake: the task was cancelled"},
		{library.BadArguments, task.InvalidArgument, "plugin fake: the task does not take these arguments"},
	} {
		_, err := call(t.Context(), p, "answer", task.Int32(int32(test.status)), task.String("no luck"))
		wantError(t, err, test.code, "no luck")
		_, err = call(t.Context(), p, "answer", task.Int32(int32(test.status)), task.Int32(1))
		wantError(t, err, test.code, test.without)
	}
	_, err := call(t.Context(), p, "answer", task.Int32(77), task.Null())
	wantError(t, err, task.Internal, "77, which is not a status")
	_, err = call(t.Context(), p, "answer", task.Int32(1), task.String(strings.Repeat("é", 1<<20)))
	if err == nil || len(err.Error()) > 5<<10 {
		t.Error("a long message was not cut")
	}
}

func TestBadResultsFailTheirCallAlone(t *testing.T) {
	p := start(t, process.Config{})
	for kind, want := range map[string]string{
		"bad UTF-8": "not valid UTF-8", "bad key": "not valid UTF-8", "1 GB": "too large",
		"too many": "too large", "too deep": "more than 100 lists and maps",
	} {
		_, err := call(t.Context(), p, "result", task.String(kind))
		wantError(t, err, task.Internal, want)
	}
	_, err := call(t.Context(), p, "panic")
	wantError(t, err, task.Internal, "the task panicked: oh no")
	for range 100 {
		got, err := call(t.Context(), p, "twice")
		if s, _ := got.Str(); err != nil || s != "first" {
			t.Fatalf("twice: %v, %v", got, err)
		}
	}
	answers(t, p)
}

func TestBadArgumentsAreNotSent(t *testing.T) {
	p := start(t, process.Config{})
	_, err := call(t.Context(), p, "echo", task.String("\xff"))
	wantError(t, err, task.InvalidArgument, "not valid UTF-8")
	answers(t, p)
}

func TestCancelReachesTheLibrary(t *testing.T) {
	began := make(chan string, 1)
	p := start(t, process.Config{
		CancelGrace: time.Minute,
		Stuck:       func() { t.Error("the call is said to be stuck") },
	})
	ctx, cancel := context.WithCancel(telling(t.Context(), began))
	go func() {
		if got := <-began; got != "waiting" {
			t.Errorf("progress: %q", got)
		}
		cancel()
	}()
	if _, err := call(ctx, p, "wait"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := call(ctx, p, "echo", task.Null()); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
	for range 100 { // the cancel may come before the call does
		ctx, cancel := context.WithCancel(telling(t.Context(), began))
		go cancel()
		if _, err := callQuietly(ctx, p, began); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v", err)
		}
	}
	answers(t, p)
}

// callQuietly calls wait and takes what progress it makes.
func callQuietly(ctx context.Context, p *process.Process, began <-chan string) (task.Value, error) {
	over := make(chan struct{})
	defer close(over)
	go func() {
		for {
			select {
			case <-began:
			case <-over:
				return
			}
		}
	}()
	return call(ctx, p, "wait")
}

func TestStuckCallIsReportedAndNeighboursGoOn(t *testing.T) {
	for _, how := range []string{"ignore", "spin"} {
		t.Run(how, func(t *testing.T) {
			stuck := make(chan struct{}, 2)
			began := make(chan string, 10)
			p := start(t, process.Config{
				CancelGrace: 20 * time.Millisecond,
				CloseGrace:  time.Minute,
				Stuck:       func() { stuck <- struct{}{} },
			})
			neighbour := make(chan error, 1)
			go func() {
				_, err := call(telling(t.Context(), began), p, "wait")
				neighbour <- err
			}()
			<-began
			for range 2 {
				ctx, cancel := context.WithCancel(telling(t.Context(), began))
				go func() {
					<-began
					cancel()
				}()
				_, err := call(ctx, p, how)
				if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "plugin fake did not heed") {
					t.Errorf("got %v", err)
				}
			}
			<-stuck
			answers(t, p)
			if _, err := call(t.Context(), p, "finish"); err != nil {
				t.Error(err)
			}
			wantError(t, <-neighbour, task.Cancelled, "the task was cancelled") // by finish
			p.Kill(errKilled)
			if err := awaitExit(t, p); err == nil || !strings.Contains(err.Error(), "was killed") {
				t.Errorf("exit: %v", err)
			}
			if len(stuck) > 0 {
				t.Error("the process was reported twice")
			}
		})
	}
}

func TestProgress(t *testing.T) {
	var notes atomic.Int32
	p := start(t, process.Config{})
	ctx := task.WithCall(t.Context(), task.Call{Reporter: reporter{progress: func(fraction float64, note string) {
		if note == "note" && (fraction == 0.25 || fraction == 0.75) {
			notes.Add(1)
		} else {
			t.Errorf("progress: %v %s", fraction, note)
		}
	}}})
	if _, err := call(ctx, p, "progress"); err != nil || notes.Load() != 2 {
		t.Errorf("%d notes, %v", notes.Load(), err)
	}
}

// wantError checks what a client sees of an error.
func wantError(t *testing.T, err error, code task.Code, text string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error; want %s: %s", code, text)
		return
	}
	if e := task.ErrorOf(err); e.Code != code || !strings.Contains(e.Message, text) {
		t.Errorf("got %s: %.200s; want %s: … %s …", e.Code, e.Message, code, text)
	}
}
