// Package storetest is the suite that every [store.Store] passes.
package storetest

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/task"
)

// Run tests a store. open returns an empty one that keeps what the suite stores
// for as long as the test takes, and closes it when the test ends.
func Run(t *testing.T, open func(t *testing.T) store.Store) {
	t.Helper()
	for name, test := range map[string]func(t *testing.T, s store.Store){
		"what nobody stored is unknown":        unknown,
		"outcomes come back as they were":      roundTrip,
		"the first outcome stays":              firstStays,
		"of many at once all are told the one": manyAtOnce,
		"any id is one of its own":             anyID,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

func unknown(t *testing.T, s store.Store) {
	t.Helper()
	for _, id := range []string{"a", strings.Repeat("x", longest)} {
		if o, ok, err := s.Get(t.Context(), id); ok || err != nil || o != (store.Outcome{}) {
			t.Errorf("Get(%.20q): %+v, %t, %v", id, o, ok, err)
		}
	}
}

// outcomes are of every kind that there is.
func outcomes() []store.Outcome {
	const large = 4 << 20
	return []store.Outcome{
		{State: store.Succeeded, Attempt: 1},
		{State: store.Succeeded, Result: "6", Shape: "\x02", Attempt: 1},
		{State: store.Succeeded, Result: "[]", Shape: "\x0a\x00", Attempt: 1},
		{State: store.Succeeded, Result: "ä\x00 \r\n\u2028", Attempt: 7},
		{State: store.Succeeded, Result: strings.Repeat("x", large), Attempt: 1<<32 - 1},
		{State: store.Failed, Err: task.Errorf(task.Internal, "%s", ""), Attempt: 1},
		{State: store.Failed, Err: task.Errorf(task.FailedPrecondition, "dependency %q failed", "a")},
		{State: store.Failed, Err: task.Errorf(task.Cancelled, "it says so itself"), Attempt: 1},
		{State: store.Cancelled, Err: task.Errorf(task.Cancelled, "the task was cancelled")},
	}
}

func roundTrip(t *testing.T, s store.Store) {
	t.Helper()
	for i, want := range outcomes() {
		id := strconv.Itoa(i)
		stored, err := s.Create(t.Context(), id, want)
		if err != nil || !same(stored, want) {
			t.Errorf("Create %d: %s, %v; want %s", i, show(stored), err, show(want))
		}
		got, ok, err := s.Get(t.Context(), id)
		if err != nil || !ok || !same(got, want) {
			t.Errorf("Get %d: %s, %t, %v; want %s", i, show(got), ok, err, show(want))
		}
	}
}

func firstStays(t *testing.T, s store.Store) {
	t.Helper()
	first := outcomes()[1]
	for i, o := range append([]store.Outcome{first}, outcomes()...) {
		if stored, err := s.Create(t.Context(), "a", o); err != nil || !same(stored, first) {
			t.Errorf("Create %d: %s, %v; want %s", i, show(stored), err, show(first))
		}
		if got, ok, err := s.Get(t.Context(), "a"); err != nil || !ok || !same(got, first) {
			t.Errorf("Get after Create %d: %s, %t, %v; want %s", i, show(got), ok, err, show(first))
		}
	}
}

func manyAtOnce(t *testing.T, s store.Store) {
	t.Helper()
	const rounds, callers = 20, 32
	for round := range rounds {
		id := strconv.Itoa(round)
		told := make([]store.Outcome, callers)
		var all sync.WaitGroup
		for i := range callers {
			all.Go(func() {
				var err error
				told[i], err = s.Create(t.Context(), id, store.Outcome{State: store.Succeeded, Result: strconv.Itoa(i)})
				if err != nil {
					t.Error(err)
				}
				if got, ok, err := s.Get(t.Context(), id); err != nil || !ok || !same(got, told[i]) {
					t.Errorf("Get after Create: %s, %t, %v; want %s", show(got), ok, err, show(told[i]))
				}
			})
		}
		all.Wait()
		for i, o := range told {
			if !same(o, told[0]) {
				t.Errorf("caller 0 was told %s, caller %d %s", show(told[0]), i, show(o))
			}
		}
	}
}

// longest is how many bytes an id may have, as the scheduler's limit says.
const longest = 1024

func anyID(t *testing.T, s store.Store) {
	t.Helper()
	ids := []string{
		"a", "A", " a", "a ", "a.b", "a.*", "a.>", "*", ">", ".", "..", "/", "a/b", "a\\b", "$SYS", "%61", "a=", "=YQ",
		"\x00", "\x00\x00", "\n", "ä", "a\u0308", "\u202e", "0", "00", "-1", "☃", "\u00e4 ",
		strings.Repeat("x", longest), strings.Repeat("x", longest-1), strings.Repeat("ä", longest/2),
	}
	for _, id := range ids {
		if _, err := s.Create(t.Context(), id, store.Outcome{State: store.Succeeded, Result: "of " + id}); err != nil {
			t.Errorf("Create(%.20q): %v", id, err)
		}
	}
	for _, id := range ids {
		if o, ok, err := s.Get(t.Context(), id); err != nil || !ok || o.Result != "of "+id {
			t.Errorf("Get(%.20q): %s, %t, %v", id, show(o), ok, err)
		}
	}
}

// same compares outcomes as clients see them.
func same(a, b store.Outcome) bool {
	errA, errB := a.Err, b.Err
	a.Err, b.Err = nil, nil
	if a != b || (errA == nil) != (errB == nil) {
		return false
	}
	return errA == nil || errA.Code == errB.Code && errA.Message == errB.Message
}

func show(o store.Outcome) string {
	if o.Err != nil {
		return fmt.Sprintf("{state %d, attempt %d, %v: %.40s}", o.State, o.Attempt, o.Err.Code, o.Err.Message)
	}
	return fmt.Sprintf("{state %d, attempt %d, %d bytes: %.40q}", o.State, o.Attempt, len(o.Result), o.Result)
}
