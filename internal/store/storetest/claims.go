package storetest

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/store"
)

// A Node is one of those that share a store.
type Node struct {
	store.Store
	store.Claims

	Name string
}

// RunClaims tests a store that nodes share. open returns so many nodes that live until
// the test ends, on a store that is empty.
func RunClaims(t *testing.T, open func(t *testing.T, nodes int) []Node) {
	t.Helper()
	for name, test := range map[string]func(t *testing.T, nodes []Node){
		"an id is one node's":                        oneNode,
		"a claim is no outcome":                      noOutcome,
		"an outcome ends a claim":                    outcomeEnds,
		"what is released is free":                   released,
		"of many at once one has it":                 oneOfMany,
		"who was taken over records nothing":         takenOver,
		"any id can be claimed":                      claimAny,
		"an id that nobody claimed can be recorded":  unclaimed,
		"a claim that is not one's own is not freed": notFreed,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t, 3)) })
	}
}

// want checks what a call about an id has told.
func want(t *testing.T, what string, got store.Claim, err error, want store.Claim) {
	t.Helper()
	alike := got.Mine == want.Mine && got.Holder == want.Holder && got.Ended == want.Ended && same(got.Outcome, want.Outcome)
	if err != nil || !alike {
		t.Errorf("%s: %+v, %v; want %+v", what, got, err, want)
	}
}

func claim(t *testing.T, n Node, id string, expect store.Claim) {
	t.Helper()
	got, err := n.Claim(t.Context(), id)
	want(t, n.Name+" claims "+id, got, err, expect)
}

func holder(t *testing.T, n Node, id string, expect store.Claim) {
	t.Helper()
	got, err := n.Holder(t.Context(), id)
	want(t, n.Name+" asks for "+id, got, err, expect)
}

// create has a node record an outcome; it expects what is there after it.
func create(t *testing.T, n Node, id string, o, expect store.Outcome) {
	t.Helper()
	if got, err := n.Create(t.Context(), id, o); err != nil || !same(got, expect) {
		t.Errorf("%s records %s: %s, %v; want %s", n.Name, id, show(got), err, show(expect))
	}
}

// createNot has a node try to record an outcome of another node's task.
func createNot(t *testing.T, n Node, id string) {
	t.Helper()
	if got, err := n.Create(t.Context(), id, outcomes()[2]); !errors.Is(err, store.ErrNotMine) {
		t.Errorf("%s records another node's %s: %s, %v", n.Name, id, show(got), err)
	}
}

var mine = store.Claim{Mine: true}

func oneNode(t *testing.T, nodes []Node) {
	t.Helper()
	a, b := nodes[0], nodes[1]
	holder(t, a, "x", store.Claim{})
	claim(t, a, "x", mine)
	claim(t, a, "x", mine)
	holder(t, a, "x", mine)
	claim(t, b, "x", store.Claim{Holder: a.Name})
	holder(t, b, "x", store.Claim{Holder: a.Name})
	claim(t, b, "y", mine)
	claim(t, a, "y", store.Claim{Holder: b.Name})
}

func noOutcome(t *testing.T, nodes []Node) {
	t.Helper()
	claim(t, nodes[0], "x", mine)
	for _, n := range nodes {
		if o, ok, err := n.Get(t.Context(), "x"); ok || err != nil {
			t.Errorf("%s gets %s, %t, %v", n.Name, show(o), ok, err)
		}
	}
}

func outcomeEnds(t *testing.T, nodes []Node) {
	t.Helper()
	for i, o := range outcomes() {
		if len(o.Result) > 1<<20 {
			continue // the store's own tests have it; here each node reads it four times
		}
		id := strconv.Itoa(i)
		claim(t, nodes[0], id, mine)
		create(t, nodes[0], id, o, o)
		for _, n := range nodes {
			claim(t, n, id, store.Claim{Ended: true, Outcome: o})
			holder(t, n, id, store.Claim{Ended: true, Outcome: o})
			create(t, n, id, outcomes()[0], o)
			if got, ok, err := n.Get(t.Context(), id); !ok || err != nil || !same(got, o) {
				t.Errorf("%s gets %s, %t, %v; want %s", n.Name, show(got), ok, err, show(o))
			}
		}
	}
}

func released(t *testing.T, nodes []Node) {
	t.Helper()
	for range 3 {
		for _, n := range nodes {
			claim(t, n, "x", mine)
			if err := n.Release(t.Context(), "x"); err != nil {
				t.Errorf("%s releases: %v", n.Name, err)
			}
			holder(t, n, "x", store.Claim{})
			if _, ok, err := n.Get(t.Context(), "x"); ok || err != nil {
				t.Errorf("%s gets an outcome, %v", n.Name, err)
			}
		}
	}
	create(t, nodes[0], "x", outcomes()[1], outcomes()[1])
}

func oneOfMany(t *testing.T, nodes []Node) {
	t.Helper()
	const ids, callers = 100, 4
	var all sync.WaitGroup
	var won [ids]atomic.Int32
	for i := range ids {
		for _, n := range nodes {
			all.Go(func() {
				for range callers {
					switch got, err := n.Claim(t.Context(), strconv.Itoa(i)); {
					case err != nil:
						t.Error(err)
					case got.Mine:
						won[i].Add(1)
					case got.Holder == "" || got.Holder == n.Name:
						t.Errorf("%s is told %+v", n.Name, got)
					}
				}
			})
		}
	}
	all.Wait()
	for i := range won {
		if n := won[i].Load(); n != callers {
			t.Errorf("id %d was claimed %d times, by more than one node or none", i, n)
		}
	}
}

func takenOver(t *testing.T, nodes []Node) {
	t.Helper()
	a, b := nodes[0], nodes[1]
	for _, id := range []string{"x", "y"} {
		claim(t, a, id, mine)
		got, err := b.Take(t.Context(), id, a.Name)
		want(t, "b takes "+id, got, err, mine)
		createNot(t, a, id)
		if err := a.Release(t.Context(), id); err != nil {
			t.Error(err)
		}
		holder(t, nodes[2], id, store.Claim{Holder: b.Name})
	}
	o := outcomes()[1]
	create(t, b, "x", o, o)
	create(t, a, "x", outcomes()[2], o)
	got, err := nodes[2].Take(t.Context(), "y", a.Name)
	want(t, "c takes y of a", got, err, store.Claim{Holder: b.Name})
}

func claimAny(t *testing.T, nodes []Node) {
	t.Helper()
	for _, id := range []string{"a.b", "*", ">", "ä", "\x00", " ", strings.Repeat("x", longest), strings.Repeat("ä", longest/2)} {
		claim(t, nodes[0], id, mine)
		claim(t, nodes[1], id, store.Claim{Holder: nodes[0].Name})
		create(t, nodes[0], id, outcomes()[1], outcomes()[1])
	}
}

func unclaimed(t *testing.T, nodes []Node) {
	t.Helper()
	o := outcomes()[1]
	create(t, nodes[0], "x", o, o)
	create(t, nodes[1], "x", outcomes()[2], o)
}

func notFreed(t *testing.T, nodes []Node) {
	t.Helper()
	claim(t, nodes[0], "x", mine)
	if err := nodes[1].Release(t.Context(), "x"); err != nil {
		t.Error(err)
	}
	holder(t, nodes[1], "x", store.Claim{Holder: nodes[0].Name})
	createNot(t, nodes[1], "x")
	create(t, nodes[0], "x", outcomes()[1], outcomes()[1])
	if err := nodes[0].Release(t.Context(), "x"); err != nil {
		t.Error(err)
	}
	holder(t, nodes[1], "x", store.Claim{Ended: true, Outcome: outcomes()[1]})
}
