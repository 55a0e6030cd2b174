package loader

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// steps are the transitions, each with what brings it about in the state before.
var steps = []struct {
	from   State
	cause  cause
	act    func(l *lab)
	to     State
	events string
}{
	{StateLoading, loaded, changeTo("second"), StateServing, "loaded"},
	{StateLoading, loadFailed, failToChange, StateFailed, "load_failed"},
	{StateLoading, unloaded, unloadIt, StateUnloaded, ""},
	{StateLoading, gone, endFor(gone), stateEnded, ""},
	{StateLoading, stopped, endFor(stopped), stateEnded, ""},

	{StateServing, loaded, changeTo("second"), StateServing, "reloaded"},
	{StateServing, loadFailed, failToChange, StateServing, "load_failed"},
	{StateServing, stalled, func(l *lab) { l.set(true, nil); l.hangCall() }, StateServing, ""},
	{StateServing, replaced, func(l *lab) { l.hangCall() }, StateServing, "restarted"},
	{StateServing, replaceFail, func(l *lab) { l.set(false, errTest); l.hangCall() }, StateServing, "load_failed"},
	{StateServing, crashed, func(l *lab) { l.crash() }, StateRestarting, "crashed"},
	{StateServing, quarantined, func(l *lab) {
		l.crashTimes(maxCrashes)
		l.later(longestPause / 4)
		l.forget()
		l.crash()
	}, StateQuarantined, "crashed quarantined"},
	{StateServing, unloaded, unloadIt, StateUnloaded, "unloaded"},
	{StateServing, gone, endFor(gone), stateEnded, "unloaded"},
	{StateServing, stopped, endFor(stopped), stateEnded, ""},

	{StateRestarting, loaded, changeTo("second"), StateServing, "reloaded"},
	{StateRestarting, loadFailed, failToChange, StateRestarting, "load_failed"},
	{StateRestarting, restarted, wait(shortestPause), StateServing, "restarted"},
	{StateRestarting, crashed, func(l *lab) { l.set(false, errTest); l.later(shortestPause) }, StateRestarting, "crashed"},
	{StateRestarting, quarantined, func(l *lab) {
		l.set(false, errTest)
		l.later(shortestPause * (1 + 2 + 4 + 8))
		l.forget()
		l.later(shortestPause * 16)
	}, StateQuarantined, "crashed quarantined"},
	{StateRestarting, unloaded, unloadIt, StateUnloaded, "unloaded"},
	{StateRestarting, gone, endFor(gone), stateEnded, "unloaded"},
	{StateRestarting, stopped, endFor(stopped), stateEnded, ""},

	{StateQuarantined, loaded, changeTo("second"), StateServing, "reloaded"},
	{StateQuarantined, loadFailed, failToChange, StateQuarantined, "load_failed"},
	{StateQuarantined, restarted, wait(shortestQuarantine), StateServing, "restarted"},
	{StateQuarantined, quarantined, func(l *lab) {
		l.set(false, errTest)
		l.later(shortestQuarantine)
	}, StateQuarantined, "crashed quarantined"},
	{StateQuarantined, unloaded, unloadIt, StateUnloaded, "unloaded"},
	{StateQuarantined, gone, endFor(gone), stateEnded, "unloaded"},
	{StateQuarantined, stopped, endFor(stopped), stateEnded, ""},

	{StateUnloaded, loaded, changeTo("second"), StateServing, "loaded"},
	{StateUnloaded, loadFailed, failToChange, StateFailed, "load_failed"},
	{StateUnloaded, unloaded, unloadIt, StateUnloaded, ""},
	{StateUnloaded, gone, endFor(gone), stateEnded, ""},
	{StateUnloaded, stopped, endFor(stopped), stateEnded, ""},

	{StateFailed, loaded, changeTo("second"), StateServing, "loaded"},
	{StateFailed, loadFailed, failToChange, StateFailed, "load_failed"},
	{StateFailed, unloaded, unloadIt, StateUnloaded, ""},
	{StateFailed, gone, endFor(gone), stateEnded, ""},
	{StateFailed, stopped, endFor(stopped), stateEnded, ""},
}

func changeTo(content string) func(*lab) { return func(l *lab) { l.change(content) } }
func wait(d time.Duration) func(*lab)    { return func(l *lab) { l.later(d) } }
func unloadIt(l *lab)                    { <-l.ask(unload) }

func failToChange(l *lab) {
	l.set(false, errTest)
	l.change("second")
}

func endFor(c cause) func(*lab) {
	return func(l *lab) {
		l.mailbox.post(func() { l.end(c, "a reason") })
		<-l.done
	}
}

func TestTransitions(t *testing.T) {
	for _, step := range steps {
		t.Run(fmt.Sprintf("%s: %s", step.from, step.cause), func(t *testing.T) {
			inLab(t, func(l *lab) {
				ways[step.from](l)
				if p, _ := l.status.get(); p.State != step.from {
					t.Fatalf("it is %s, want %s", p.State, step.from)
				}
				l.forget()
				step.act(l)
				l.is(step.to, step.events)
				p, _ := l.status.get()
				if hasTasks := l.config.Tasks.Lookup("math::content") != nil; hasTasks != (len(p.Tasks) > 0) || hasTasks != (p.SHA256 != "") {
					t.Errorf("the registry has tasks: %t; operators see %+v", hasTasks, p)
				}
			})
		})
	}
}

// TestEachTransitionHasATest keeps the two tables together.
func TestEachTransitionHasATest(t *testing.T) {
	var tested []string
	for _, step := range steps {
		tested = append(tested, fmt.Sprintf("%s: %s", step.from, step.cause))
		if want := transitions[step.from][step.cause]; step.to != want {
			t.Errorf("%s: %s leads to %q, and its test wants %q", step.from, step.cause, want, step.to)
		}
	}
	slices.Sort(tested)
	if all := allTransitions(); !slices.Equal(tested, all) {
		t.Errorf("tested are\n%q, the table has\n%q", tested, all)
	}
}
