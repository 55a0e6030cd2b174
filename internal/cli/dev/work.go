package dev

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// A worker builds a folder whenever its sources change, and has the host load
// what comes of it.
type worker struct {
	folder   string
	manifest manifest
	host     *host
	out      io.Writer // for people

	sources *sources
	built   time.Time     // when the last build ended
	loaded  []byte        // the hash of the library that the host has
	looks   chan struct{} // asks for a look at the sources, and a build

	mu      sync.Mutex
	current state
	changed chan struct{} // closed when current changes
}

// A state is what the last look, build and load have come to.
type state struct {
	looked uint64 // how many looks were asked for before it, and are done with
	asked  uint64
	force  bool
	err    error // of the last build or load
	tasks  []client.Description
}

func newWorker(folder string, m manifest, h *host, out io.Writer) *worker {
	return &worker{
		folder: folder, manifest: m, host: h, out: out, sources: newSources(folder, m.Library),
		looks: make(chan struct{}, 1), changed: make(chan struct{}),
	}
}

// lookPause is how long after a look at the sources the next one is. A change is
// built once there was none for as long.
const lookPause = 150 * time.Millisecond

// work builds and loads until ctx ends.
func (w *worker) work(ctx context.Context) {
	ticks := time.NewTicker(lookPause)
	defer ticks.Stop()
	for ctx.Err() == nil {
		asked, force := w.begin()
		if w.sources.look() || force {
			for more := true; more && ctx.Err() == nil; more = w.sources.look() { // it may be half written
				<-ticks.C
			}
			w.forget()
			tasks, err := w.build(ctx)
			w.end(asked, func(s *state) {
				s.err = err
				if err == nil && tasks != nil {
					s.tasks = tasks
				}
			})
		} else {
			w.end(asked, func(*state) {})
		}
		select {
		case <-ticks.C:
		case <-w.looks:
		case <-ctx.Done():
		}
	}
}

// forget removes what was built before if a source has changed while it was being
// built: make would take it for newer than the source.
func (w *worker) forget() {
	if changed := w.sources.earliest; changed.IsZero() || changed.After(w.built) {
		return
	}
	if library, err := w.manifest.built(w.folder); err == nil {
		_ = os.Remove(library) // then it is what make says
	}
}

func (w *worker) begin() (asked uint64, force bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	force, w.current.force = w.current.force, false
	return w.current.asked, force
}

func (w *worker) end(asked uint64, change func(*state)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.current.looked = asked
	change(&w.current)
	close(w.changed)
	w.changed = make(chan struct{})
}

// ready waits until what the sources are now has been built and loaded, or built
// anew with force, and returns what came of it.
func (w *worker) ready(ctx context.Context, force bool) (state, error) {
	w.mu.Lock()
	w.current.asked++
	w.current.force = w.current.force || force
	asked := w.current.asked
	w.mu.Unlock()
	select {
	case w.looks <- struct{}{}:
	default: // somebody has asked
	}
	for {
		w.mu.Lock()
		current, changed := w.current, w.changed
		w.mu.Unlock()
		if current.looked >= asked {
			return current, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return current, ctx.Err()
		}
	}
}

// build builds the folder once, and loads what was made. It returns the plugin's
// tasks, or nil for those that it has already.
func (w *worker) build(ctx context.Context) ([]client.Description, error) {
	w.sayf("building: %s\n", w.manifest.Build)
	begun := time.Now()
	out := &wholeLines{to: w.out}
	err := runBuild(ctx, w.folder, w.manifest.Build, out)
	out.flush()
	took := time.Since(begun).Round(time.Millisecond)
	w.built, w.sources.earliest = time.Now(), time.Time{}
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil:
		w.sayf("the build failed after %v: %v\n", took, err)
		return nil, errors.New("the last build failed")
	}
	library, err := w.manifest.built(w.folder)
	if err != nil {
		w.sayf("%v\n", err)
		return nil, err
	}
	sum, err := hash(library)
	if err != nil {
		return nil, err
	}
	if bytes.Equal(sum, w.loaded) {
		w.sayf("built in %v: the same as before\n", took)
		return nil, nil
	}
	reloaded, tasks, err := w.host.load(ctx, library)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case err != nil: // the log says it, too
		w.sayf("built in %v, but it can't be loaded: %s\n", took, table.Line(err.Error()))
		return nil, errors.New("what was built last can't be loaded")
	}
	w.loaded = sum
	w.tell(took, reloaded, tasks)
	return tasks, nil
}

// tell says what was loaded.
func (w *worker) tell(took time.Duration, reloaded bool, tasks []client.Description) {
	verb := "loaded"
	if reloaded {
		verb = "reloaded"
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "built in %v and %s, with %d tasks:\n", took, verb, len(tasks))
	writeTasks(&text, tasks)
	w.sayf("%s", text.String())
}

// writeTasks writes a line for each task.
func writeTasks(to io.Writer, tasks []client.Description) {
	t := table.New(to)
	for _, d := range tasks {
		t.Row("  "+title(d), table.Line(d.Doc))
	}
	_ = t.Flush() // to memory
}

// sayf writes whole lines in one piece.
func (w *worker) sayf(format string, args ...any) {
	_, _ = fmt.Fprintf(w.out, format, args...) // nobody could be told
}

func hash(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	digest := sha256.New()
	_, err = io.Copy(digest, file)
	return digest.Sum(nil), err
}
