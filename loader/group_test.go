package loader

import (
	"errors"
	"sync"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

// With several processes a crash fails the calls of one of them only.
func TestCallsAreSpreadOverAPluginsProcesses(t *testing.T) {
	t.Parallel()
	const processes = 3
	b := newBench(t, func(c *Config) { c.Limits.Processes = processes })
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	if children := b.children(); len(children) != processes {
		t.Fatalf("the plugin has processes %v, want %d", children, processes)
	}
	var naps []<-chan error
	for range processes - 1 { // each in a process of its own, since the others have fewer calls
		naps = append(naps, b.start("math::nap", task.Int64(500)))
		b.isRunning("math::nap")
	}
	_, err := b.call(t.Context(), "math::abort")
	b.fails(err, task.Internal, "plugin math", "SIGABRT")
	for _, nap := range naps {
		if err := <-nap; err != nil {
			t.Errorf("a call in another process: %v", err)
		}
	}
	b.await(EventCrashed, "math")
	b.await(EventRestarted, "math")
	b.serves("math", 1)
	b.put(math, fixture(t, 2, "ok"))
	b.await(EventReloaded, "math")
	b.serves("math", 2)
}

func TestAGroupStartsAsAWhole(t *testing.T) {
	var mu sync.Mutex // they start at the same time
	var started []*labProcess
	g, err := startGroup(3, func() (member, error) {
		mu.Lock()
		defer mu.Unlock()
		if len(started) == 2 {
			return nil, errTest
		}
		p := &labProcess{exited: make(chan struct{})}
		started = append(started, p)
		return p, nil
	})
	if g != nil || !errors.Is(err, errTest) {
		t.Fatalf("got %v, %v", g, err)
	}
	for _, p := range started {
		<-p.exited
	}
}
