package nats_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
)

// fill fills a folder with some results and tasks, as a server leaves them.
func fill(t *testing.T, c nats.Config) {
	t.Helper()
	engine, err := nats.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		o := store.Outcome{State: store.Succeeded, Result: strings.Repeat(fmt.Sprint(i), 100)}
		if _, err := engine.Results().Create(t.Context(), fmt.Sprint(i), o); err != nil {
			t.Fatal(err)
		}
		if _, err := engine.Log().Append([]byte(strings.Repeat("task", i))); err != nil {
			t.Fatal(err)
		}
	}
	engine.Close()
}

func files(t *testing.T, dir, stream string) (blocks []string) {
	t.Helper()
	blocks, err := filepath.Glob(filepath.Join(dir, "jetstream", "$G", "streams", stream, "msgs", "*.blk"))
	if err != nil || len(blocks) == 0 {
		t.Fatalf("%q, %v", blocks, err)
	}
	return blocks
}

// TestWhatIsWholePasses, empty streams with a past included.
func TestWhatIsWholePasses(t *testing.T) {
	c := config(t.TempDir(), false)
	for range 3 {
		fill(t, c)
		report, err := nats.Check(c.Dir, c.Sync)
		if err != nil || report.Results.Messages != 300 || report.Missing != 0 {
			t.Fatalf("%+v, %v", report, err)
		}
	}
	c.TTL = time.Second
	engine := open(t, c)
	if err := engine.Log().Drop(1 << 40); err != nil {
		t.Fatal(err)
	}
	for until := time.Now().Add(time.Minute); engine.Results().Len() > 0; {
		if time.Now().After(until) {
			t.Fatal("results do not expire")
		}
	}
	<-time.After(1100 * time.Millisecond) // the mark is written
	copied := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(copied, os.DirFS(c.Dir)); err != nil { // as after kill -9
		t.Fatal(err)
	}
	if report, err := nats.Check(copied, false); err != nil || report.Missing != 0 {
		t.Errorf("%+v, %v", report, err)
	}
	c.Dir = copied
	open(t, c)
}

// TestAFolderWithAnyName is one that a pattern would not match.
func TestAFolderWithAnyName(t *testing.T) {
	c := config(filepath.Join(t.TempDir(), "data[1] *?"), false)
	fill(t, c)
	if report, err := nats.Check(c.Dir, c.Sync); err != nil || report.Results.Messages != 300 {
		t.Errorf("%+v, %v", report, err)
	}
	open(t, c)
}

// TestEachFlippedBitIsFound, wherever it is.
func TestEachFlippedBitIsFound(t *testing.T) {
	c := config(t.TempDir(), false)
	fill(t, c)
	for _, stream := range []string{"results", "queue"} {
		whole := files(t, c.Dir, stream)
		for i := range 600 {
			file := whole[rand.IntN(len(whole))]
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			at, bit := rand.IntN(len(content)), byte(1)<<rand.IntN(8)
			if i%2 == 0 {
				at = rand.IntN(64) // the first record's parts
			}
			content[at] ^= bit
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
			if _, err := nats.Check(c.Dir, c.Sync); err == nil {
				t.Errorf("%s: a flipped bit at byte %d of %d is not found", file, at, len(content))
			}
			content[at] ^= bit
			if err := os.WriteFile(file, content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestDamage: a server does not start on it, says what is wrong, and leaves it as
// it is.
func TestDamage(t *testing.T) {
	const results, tasks = "jetstream/$G/streams/results/", "jetstream/$G/streams/queue/"
	truncate := func(file string, size int64) func(string) error {
		return func(dir string) error { return os.Truncate(filepath.Join(dir, file), size) }
	}
	flipIn := func(file string, at int) func(string) error {
		return func(dir string) error { return flip(filepath.Join(dir, file), at) }
	}
	remove := func(file string) func(string) error {
		return func(dir string) error { return os.RemoveAll(filepath.Join(dir, file)) }
	}
	for name, test := range map[string]struct {
		change func(dir string) error
		want   string
	}{
		"a flipped bit":      {flipIn(results+"msgs/1.blk", 1000), "1.blk is damaged at byte"},
		"a cut file":         {truncate(results+"msgs/1.blk", 10_000), "are missing"},
		"a cut queue":        {truncate(tasks+"msgs/1.blk", 1000), "are missing"},
		"an empty file":      {truncate(tasks+"msgs/1.blk", 0), "are missing"},
		"a removed file":     {remove(tasks + "msgs/1.blk"), "are missing"},
		"a removed stream":   {remove(tasks), "are missing"},
		"all removed":        {remove("jetstream"), "are missing"},
		"its settings":       {flipIn(tasks+"meta.inf", 10), "meta.inf is damaged"},
		"its settings' sum":  {flipIn(tasks+"meta.sum", 1), "meta.inf is damaged"},
		"no settings at all": {remove(results + "meta.inf"), "meta.inf is damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			c := config(t.TempDir(), false)
			fill(t, c)
			if err := test.change(c.Dir); err != nil {
				t.Fatal(err)
			}
			before := listing(t, c.Dir)
			if _, err := nats.Open(t.Context(), c); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v; want …%s…", err, test.want)
			}
			if after := listing(t, c.Dir); after != before {
				t.Errorf("it was changed:\n%s\nbefore:\n%s", after, before)
			}
		})
	}
}

func flip(file string, at int) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	content[at] ^= 4
	return os.WriteFile(file, content, 0o600)
}

func listing(t *testing.T, dir string) string {
	t.Helper()
	var list strings.Builder
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		fmt.Fprintln(&list, path, info.Size(), info.ModTime())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list.String()
}

// TestAnIndexIsNotNeeded: the server makes its own anew from the messages.
func TestAnIndexIsNotNeeded(t *testing.T) {
	for name, change := range map[string]func(file string) error{
		"damaged": func(file string) error { return flip(file, 20) },
		"gone":    os.Remove,
	} {
		t.Run(name, func(t *testing.T) {
			c := config(t.TempDir(), false)
			fill(t, c)
			for _, stream := range []string{"results", "queue"} {
				if err := change(filepath.Join(c.Dir, "jetstream/$G/streams", stream, "msgs", "index.db")); err != nil {
					t.Fatal(err)
				}
			}
			engine := open(t, c)
			if n := engine.Results().Len(); n != 300 {
				t.Errorf("%d results", n)
			}
			n := 0
			if err := engine.Log().Read(func(uint64, []byte) error { n++; return nil }); err != nil || n != 300 {
				t.Errorf("%d messages, %v", n, err)
			}
		})
	}
}

// TestAWriteThatWasCutShort is no damage: nobody was told that it is there.
func TestAWriteThatWasCutShort(t *testing.T) {
	c := config(t.TempDir(), false)
	fill(t, c)
	for _, stream := range []string{"results", "queue"} {
		blocks := files(t, c.Dir, stream)
		file, err := os.OpenFile(blocks[len(blocks)-1], os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		_, err = file.Write([]byte{200, 1, 0, 0, 9})
		if err := errors.Join(err, file.Close()); err != nil {
			t.Fatal(err)
		}
	}
	engine := open(t, c)
	for i := range 300 {
		if _, ok, err := engine.Results().Get(t.Context(), fmt.Sprint(i)); !ok || err != nil {
			t.Errorf("result %d: %t, %v", i, ok, err)
		}
	}
	if _, err := engine.Results().Create(t.Context(), "new", store.Outcome{State: store.Succeeded}); err != nil {
		t.Error(err)
	}
}

// BenchmarkStart is a start with a million results and 100,000 tasks kept.
func BenchmarkStart(b *testing.B) {
	const results, tasks = 1_000_000, 100_000
	dir := b.TempDir()
	c := config(dir, false)
	engine, err := nats.Open(context.Background(), c)
	if err != nil {
		b.Fatal(err)
	}
	manyResults(b, engine, results)
	q := queue.New(engine.Log())
	if _, err := q.Load(); err != nil {
		b.Fatal(err)
	}
	records := make([]queue.Record, tasks)
	for i := range records {
		records[i] = queue.Record{ID: fmt.Sprint("task", i), Request: make([]byte, 256)}
	}
	kept := make(chan error)
	q.Put(records, func(_ []*queue.Entry, err error) { kept <- err })
	if err := <-kept; err != nil {
		b.Fatal(err)
	}
	q.Close()
	engine.Close()
	c.Logger = slog.New(slog.DiscardHandler)
	b.ResetTimer()
	for b.Loop() {
		engine, err := nats.Open(context.Background(), c)
		if err != nil {
			b.Fatal(err)
		}
		q := queue.New(engine.Log())
		if loaded, err := q.Load(); err != nil || len(loaded) != tasks {
			b.Fatal(len(loaded), err)
		}
		b.StopTimer()
		q.Close()
		engine.Close()
		b.StartTimer()
	}
}

func manyResults(b *testing.B, engine *nats.Engine, n int) {
	b.Helper()
	const callers = 64
	var all sync.WaitGroup
	for c := range callers {
		all.Go(func() {
			for i := c; i < n; i += callers {
				o := store.Outcome{State: store.Succeeded, Result: strings.Repeat("x", 200)}
				if _, err := engine.Results().Create(context.Background(), fmt.Sprint("result", i), o); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
}
