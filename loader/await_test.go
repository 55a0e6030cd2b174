package loader

import (
	"context"
	"testing"
)

// TestWhoIsFasterThanTheLoaderWaits: however a file gets into the directory,
// [Loader.Await] returns once what it holds answers.
func TestWhoIsFasterThanTheLoaderWaits(t *testing.T) {
	t.Parallel()
	for _, change := range changes {
		t.Run(change.name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t).run()
			for version := range 2 {
				change.do(b, version+1)
				b.Await(t.Context(), "math")
				b.serves("math", version+1)
			}
		})
	}
}

func TestNobodyWaitsForWhatDoesNotCome(t *testing.T) {
	t.Parallel()
	b := newBench(t).run()
	b.put(math, fixture(t, 1, "ok"))
	b.await(EventLoaded, "math")
	b.Await(t.Context(), "math") // all is loaded
	b.Await(t.Context(), "nobody")
	b.Await(t.Context(), "../libmath")
	b.put("libbad"+nativeEnding, []byte("no library"))
	b.Await(t.Context(), "bad") // until it has failed
	if p := b.plugin("bad"); p.State != StateFailed {
		t.Errorf("it is %s", p.State)
	}

	file := b.create(0) // somebody writes for as long as it takes
	defer file.Close()
	b.append(file, []byte("x"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b.Await(ctx, "math")
}
