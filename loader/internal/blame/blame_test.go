package blame_test

import (
	"fmt"
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/blame"
	"github.com/taskscheduler/taskscheduler/task"
)

var poison, harmless = []task.Value{task.String("poison")}, []task.Value{task.String("harmless")}

// crash lets a process die with both calls in it.
func crash(l *blame.Log) {
	l.Crashed([]blame.Call{blame.CallOf("f", poison), blame.CallOf("f", harmless), blame.CallOf("f", poison)})
}

func refused(l *blame.Log, args []task.Value) bool {
	_, refused := l.Refused("f", args)
	return refused
}

func TestWhatCrashedThreeTimesIsRefusedForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l blame.Log
		for n := range 3 {
			if refused(&l, poison) {
				t.Fatalf("refused after %d crashes", n)
			}
			crash(&l)
			l.Succeeded("f", harmless)
			<-time.After(time.Minute)
		}
		if !refused(&l, poison) || refused(&l, harmless) {
			t.Error("the wrong one is refused")
		}
		if _, other := l.Refused("g", poison); other {
			t.Error("another task is refused")
		}
		<-time.After(10 * time.Minute)
		if refused(&l, poison) {
			t.Error("refused for ever")
		}
		crash(&l)
		if refused(&l, poison) {
			t.Error("refused after one crash")
		}
	})
}

func TestSuspectsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l blame.Log
		crash(&l)
		<-time.After(9 * time.Minute)
		crash(&l)
		<-time.After(9 * time.Minute)
		if refused(&l, harmless); l.Suspects() != 2 {
			t.Errorf("%d suspects, want 2: the last crash was nine minutes ago", l.Suspects())
		}
		<-time.After(time.Minute)
		if refused(&l, harmless); l.Suspects() != 0 {
			t.Errorf("%d suspects are compared with every call", l.Suspects())
		}
	})
}

func TestOtherCodeHasNoSuspects(t *testing.T) {
	var l blame.Log
	for range 3 {
		crash(&l)
	}
	l.Forget()
	crash(&l)
	if refused(&l, poison) {
		t.Error("refused")
	}
}

func TestSuspectsAreBounded(t *testing.T) {
	var l blame.Log
	var many []blame.Call
	for i := range blame.Call(10_000) {
		many = append(many, i)
	}
	l.Crashed(many)
	for range 3 {
		crash(&l)
	}
	if refused(&l, poison) {
		t.Error("there was room for one more")
	}
}

func TestCallsAreEqualWhenTheirArgumentsAre(t *testing.T) {
	fields := make(map[string]task.Value)
	for i := range 50 {
		fields[fmt.Sprint(i)] = task.Int32(int32(i))
	}
	all := [][]task.Value{
		nil,
		{task.Null()},
		{task.Int32(1)},
		{task.Int64(1)},
		{task.Double(1)},
		{task.Bool(true)},
		{task.String("1")},
		{task.Bytes([]byte("1"))},
		{task.String(""), task.String("1")},
		{task.String("1"), task.String("")},
		{task.ListOf()},
		{task.ListOf(task.Int32(1))},
		{task.ListOf(), task.Int32(1)},
		{task.MapOf(map[string]task.Value{})},
		{task.MapOf(fields)},
		{task.MapOf(map[string]task.Value{"a": task.String("b")})},
		{task.MapOf(map[string]task.Value{"b": task.String("a")})},
	}
	seen := make(map[blame.Call]int)
	for i, args := range all {
		if other, ok := seen[blame.CallOf("f", args)]; ok {
			t.Errorf("%d and %d are taken for the same", i, other)
		}
		seen[blame.CallOf("f", args)] = i
	}
	same := []task.Value{task.MapOf(maps.Clone(fields))}
	if blame.CallOf("f", same) != blame.CallOf("f", []task.Value{task.MapOf(fields)}) {
		t.Error("a map's order matters")
	}
}
