package loader

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/stage"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestANewFileOvertakesOneThatLoads(t *testing.T) {
	inLab(t, func(l *lab) {
		l.set(true, nil)
		l.change("hangs")
		l.set(false, nil)
		l.change("second")
		l.is(StateServing, "loaded")
		l.serves("second")
		l.change("second")
		l.change("hangs") // was never tried to its end
		l.is(StateServing, "reloaded")
	})
}

func TestContentsThatWereTriedAreNotTriedAgain(t *testing.T) {
	inLab(t, func(l *lab) {
		l.set(false, errTest)
		l.change("bad")
		l.change("bad")
		l.is(StateFailed, "load_failed")
		l.set(false, nil)
		l.change("good")
		l.set(false, errTest)
		l.change("bad")
		l.is(StateServing, "loaded load_failed")
		if p, _ := l.status.get(); p.LastError != errTest.Error() {
			t.Errorf("the error is %q", p.LastError)
		}
		l.change("good")
		l.is(StateServing, "")
		if p, _ := l.status.get(); p.LastError != "" {
			t.Errorf("the error is still %q", p.LastError)
		}
		if len(l.started) != 1 {
			t.Errorf("%d processes were started", len(l.started))
		}
	})
}

func TestAFileThatIsNotWholeIsTriedAgain(t *testing.T) {
	inLab(t, func(l *lab) {
		l.copyErr = stage.ErrChanged
		l.change("first")
		l.is(StateLoading, "")
		l.mu.Lock()
		l.copyErr = nil
		l.mu.Unlock()
		l.later(retryChanged)
		l.is(StateServing, "loaded")
	})
}

func TestOperatorsAreToldWhatWasDone(t *testing.T) {
	inLab(t, func(l *lab) {
		l.change("first")
		for _, step := range []struct {
			do      command
			content string
			want    LoadResult
		}{
			{load, "first", LoadResult{Unchanged, "first", "first"}},
			{reload, "first", LoadResult{Restarted, "first", "first"}},
			{reload, "second", LoadResult{Reloaded, "second", "first"}},
			{unload, "second", LoadResult{}},
			{reload, "second", LoadResult{Loaded, "second", ""}},
		} {
			l.mu.Lock()
			l.content = step.content // the watcher has not told of it yet
			l.mu.Unlock()
			if got := <-l.ask(step.do); got.err != nil || got.result != step.want {
				t.Errorf("got %+v, want %+v", got, step.want)
			}
		}
		l.is(StateServing, "loaded reloaded"+" reloaded unloaded loaded")
		l.set(false, errTest)
		if got := <-l.ask(reload); !errors.Is(got.err, errTest) {
			t.Errorf("got %v", got.err)
		}
		l.serves("second")
	})
}

func TestOperatorsDoNotWaitInVain(t *testing.T) {
	for name, act := range map[string]func(l *lab){
		"gone": endFor(gone), "stopped": endFor(stopped), "unloaded": unloadIt, "changed": changeTo("second"),
	} {
		t.Run(name, func(t *testing.T) {
			inLab(t, func(l *lab) {
				l.change("first")
				l.set(true, nil)
				answers := l.ask(reload)
				l.set(false, nil)
				act(l)
				got := <-answers
				if (got.err == nil) != (name == "changed") {
					t.Errorf("got %+v", got)
				}
			})
		})
	}
}

func TestAnOperatorResetsTheCrashes(t *testing.T) {
	inLab(t, func(l *lab) {
		ways[StateQuarantined](l)
		if got := <-l.ask(load); got.err != nil {
			t.Fatal(got.err)
		}
		l.forget()
		l.crash()
		l.is(StateRestarting, "crashed")
	})
}

func TestQuarantinesGrow(t *testing.T) {
	inLab(t, func(l *lab) {
		ways[StateQuarantined](l)
		for pause := shortestQuarantine; pause < 2*longestQuarantine; pause *= 2 {
			pause := min(pause, longestQuarantine)
			l.forget()
			l.later(pause - time.Millisecond)
			l.is(StateQuarantined, "")
			l.later(time.Millisecond)
			l.is(StateServing, "restarted")
			l.crash()
			l.is(StateQuarantined, "crashed quarantined")
		}
		l.later(longestQuarantine)
		l.later(longestQuarantine) // it proves itself
		l.forget()
		l.crash()
		l.is(StateRestarting, "crashed")
		l.later(shortestPause)
		l.crashTimes(maxCrashes)
		l.later(shortestQuarantine)
		l.serves("first")
	})
}

func TestAStuckProcessIsReplacedAtOnceAndThenAfterPauses(t *testing.T) {
	inLab(t, func(l *lab) {
		l.change("first")
		first := l.started[0]
		l.hangCall()
		l.is(StateServing, "loaded restarted")
		<-first.exited // it has no other calls
		l.hangCall()
		l.is(StateServing, "")
		l.serves("first") // meanwhile
		l.later(2 * shortestPause)
		l.is(StateServing, "restarted")
		l.crash()
		l.is(StateRestarting, "crashed")
		first.stuck() // it isn't in service any more
		l.later(shortestPause)
		l.is(StateServing, "restarted")
	})
}

func TestCallsWaitForAPluginThatRestarts(t *testing.T) {
	inLab(t, func(l *lab) {
		l.change("first")
		l.crash()
		l.serves("first")
		l.is(StateServing, "loaded crashed restarted")
		call := l.config.Tasks.Lookup("math::content").Run
		l.set(true, nil)
		l.crash()
		began := time.Now()
		_, err := call(l.t.Context(), nil)
		if task.ErrorOf(err).Code != task.Unavailable || time.Since(began) != restartPatience {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
		ctx, cancel := context.WithCancel(l.t.Context())
		cancel()
		if _, err := call(ctx, nil); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v for a call that was cancelled", err)
		}
		left := make(chan error, 1)
		go func() {
			_, err := call(l.t.Context(), nil)
			left <- err
		}()
		synctest.Wait()
		unloadIt(l)
		if err := <-left; task.ErrorOf(err).Code != task.NotFound {
			t.Errorf("got %v from a plugin that was unloaded meanwhile", err)
		}
	})
}

func TestCallsOfAQuarantinedPluginFail(t *testing.T) {
	inLab(t, func(l *lab) {
		ways[StateQuarantined](l)
		began := time.Now()
		_, err := l.config.Tasks.Lookup("math::content").Run(l.t.Context(), nil)
		if task.ErrorOf(err).Code != task.Unavailable || time.Since(began) != 0 {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
	})
}

func TestAProcessThatDoesNotAnswerIsReplaced(t *testing.T) {
	inLab(t, func(l *lab) {
		l.change("first")
		l.later(time.Hour)
		l.is(StateServing, "loaded")
		lost := make(chan error, 1)
		go func() {
			_, err := l.config.Tasks.Lookup("math::content").Run(l.t.Context(), []task.Value{task.Null()})
			lost <- err
		}()
		synctest.Wait()
		l.started[0].hangs.Store(true)
		l.later(pingPause + pingTimeout) // once may be the machine's fault
		l.is(StateServing, "")
		l.later(pingPause + pingTimeout)
		l.is(StateRestarting, "crashed")
		if err := <-lost; task.ErrorOf(err).Code != task.Internal {
			t.Errorf("got %v from a call in it", err)
		}
		if p, _ := l.status.get(); p.LastError != "it did not answer for 6s" {
			t.Errorf("the reason is %q", p.LastError)
		}
		l.serves("first")
	})
}

// TestWhoIsToBlame crashes a process with a harmless call and a bad one in it.
func TestWhoIsToBlame(t *testing.T) {
	inLab(t, func(l *lab) {
		l.change("first")
		call := func(arg task.Value) chan error {
			ended := make(chan error, 1)
			go func() {
				_, err := l.config.Tasks.Lookup("math::content").Run(l.t.Context(), []task.Value{arg})
				ended <- err
			}()
			synctest.Wait()
			return ended
		}
		for i := range 3 {
			bad, harmless := call(task.String("bad")), call(task.Int32(int32(i)))
			l.crash()
			for _, ended := range []chan error{bad, harmless} {
				if err := <-ended; task.ErrorOf(err).Code != task.Internal {
					t.Errorf("got %v", err)
				}
			}
			l.serves("first")
			l.later(time.Second)
		}
		if err := <-call(task.String("bad")); task.ErrorOf(err).Code != task.FailedPrecondition {
			t.Errorf("got %v for what crashed it three times", err)
		}
		_ = call(task.Int32(0)) // is made
		if got := <-l.ask(reload); got.err != nil {
			t.Fatal(got.err)
		}
		again := call(task.String("bad"))
		l.crash()
		if err := <-again; task.ErrorOf(err).Code != task.Internal {
			t.Errorf("got %v for what was forgotten", err)
		}
	})
}
