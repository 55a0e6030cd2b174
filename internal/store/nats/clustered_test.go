package nats_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/queue/queuetest"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/members"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/route"
)

// secret is one that all nodes of a test know.
var secret = []byte("a secret of more than thirty-two bytes")

// trio returns the settings of three nodes that form a cluster.
func trio(t testing.TB) []nats.Config {
	t.Helper()
	var addrs []string
	for range 3 {
		addrs = append(addrs, natstest.FreeAddr(t))
	}
	all := make([]nats.Config, len(addrs))
	for i, addr := range addrs {
		trust, err := route.FromSecret(secret)
		if err != nil {
			t.Fatal(err)
		}
		all[i] = nats.Config{
			Dir: t.TempDir(), Node: fmt.Sprint("node ", i), Lease: 10 * time.Second, Cluster: &nats.Cluster{Listen: addr, Join: addrs, TLS: trust},
			MaxMessage: 5 << 20, TTL: time.Hour, Capacity: 1_000_000, Logger: slog.New(slog.DiscardHandler),
		}
	}
	return all
}

// openAll opens nodes at once: each waits for the others.
func openAll(t testing.TB, all []nats.Config) []*nats.Engine {
	t.Helper()
	engines := make([]*nats.Engine, len(all))
	var opening sync.WaitGroup
	for i, c := range all {
		opening.Go(func() {
			var err error
			if engines[i], err = nats.Open(t.Context(), c); err != nil {
				t.Error(err)
			}
		})
	}
	opening.Wait()
	t.Cleanup(func() {
		var closing sync.WaitGroup
		for _, e := range engines {
			if e != nil && !e.Conn().IsClosed() {
				closing.Go(e.Close)
			}
		}
		closing.Wait()
	})
	if t.Failed() {
		t.FailNow()
	}
	return engines
}

// TestThreeOfOurOwn form a cluster, of which one may be gone; a stranger is refused.
func TestThreeOfOurOwn(t *testing.T) {
	all := trio(t)
	engines := openAll(t, all)
	o := store.Outcome{State: store.Succeeded, Result: "1"}
	a, b := engines[0], engines[1]
	if got, err := a.Claims().Claim(t.Context(), "x"); err != nil || !got.Mine {
		t.Fatalf("%+v, %v", got, err)
	}
	if got, err := b.Claims().Claim(t.Context(), "x"); err != nil || got.Holder != "node 0" {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := a.Results().Create(t.Context(), "x", o); err != nil || got != o {
		t.Errorf("%+v, %v", got, err)
	}
	engines[2].Close() // two of three are enough
	if got, err := b.Claims().Claim(t.Context(), "y"); err != nil || !got.Mine {
		t.Errorf("without the third: %+v, %v", got, err)
	}
	c := openAll(t, all[2:])[0]
	engines[2] = nil
	if got, ok, err := c.Results().Get(t.Context(), "x"); err != nil || !ok || got != o {
		t.Errorf("the third gets %+v, %t, %v", got, ok, err)
	}
	for stranger, trust := range strangers(t) {
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		config := trio(t)[0]
		config.Node, config.Cluster.Join, config.Cluster.TLS = stranger, all[0].Cluster.Join, trust
		if _, err := nats.Open(ctx, config); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("one with %s: %v", stranger, err)
		}
		cancel()
	}
	await(t, a.Members(), "b and c", func(all []members.Peer) bool { return slices.Equal(ids(all), []string{"node 1", "node 2"}) })
}

// TestTheNameOfAnotherNode is refused in a cluster, where the one that has it lives on,
// and few lines tell of it.
func TestTheNameOfAnotherNode(t *testing.T) {
	all := trio(t)
	engines := openAll(t, all)
	var printed bytes.Buffer
	namesake := trio(t)[0]
	namesake.Node, namesake.Cluster.Join, namesake.Logger = all[1].Node, all[0].Cluster.Join, slog.New(slog.NewTextHandler(&printed, nil))
	e, err := nats.Open(t.Context(), namesake)
	if err == nil {
		e.Close()
	}
	// It is refused by the list of nodes, or the servers don't let it get that far.
	if err == nil || !strings.Contains(err.Error()+printed.String(), "name of its own") {
		t.Errorf("another %q: %v\n%s", namesake.Node, err, printed.String())
	}
	if lines := strings.Count(printed.String(), "\n"); lines > 20 {
		t.Errorf("it says:\n%s", printed.String())
	}
	await(t, engines[0].Members(), "both others", func(all []members.Peer) bool { return slices.Equal(ids(all), []string{"node 1", "node 2"}) })
	if got, err := engines[1].Claims().Claim(t.Context(), "x"); err != nil || !got.Mine {
		t.Errorf("the one that has the name: %+v, %v", got, err)
	}
}

// strangers are those who don't know the secret.
func strangers(t *testing.T) map[string]*tls.Config {
	t.Helper()
	other, err := route.FromSecret([]byte("another secret of more than 32 bytes"))
	if err != nil {
		t.Fatal(err)
	}
	return map[string]*tls.Config{"another secret": other, "no secret": nil}
}

func TestClusterConformance(t *testing.T) {
	queuetest.Run(t, func(t *testing.T) queuetest.Opener {
		t.Helper()
		all := trio(t)
		openAll(t, all)[0].Close()
		return func() (queue.Log, func()) {
			engine, err := nats.Open(t.Context(), all[0])
			if err != nil {
				t.Fatal(err)
			}
			return engine.Log(), engine.Close
		}
	})
}

// TestOneBecomesTheFirstOfThree keeps what it had: tasks, and results for what is left
// of their time.
func TestOneBecomesTheFirstOfThree(t *testing.T) {
	all := trio(t)
	before := config(t.TempDir(), false)
	before.TTL = 10 * time.Minute // a busy machine takes longer than results of seconds live
	single, err := nats.Open(t.Context(), before)
	if err != nil {
		t.Fatal(err)
	}
	o := store.Outcome{State: store.Succeeded, Result: "1"}
	for _, id := range []string{"a", "b c", "ä"} {
		if _, err := single.Results().Create(t.Context(), id, o); err != nil {
			t.Fatal(err)
		}
	}
	tasks := queue.New(single.Log())
	if _, err := tasks.Load(); err != nil {
		t.Fatal(err)
	}
	put(t, tasks, "x", nil)
	put(t, tasks, "y", nil)
	single.Close()
	for i := range all {
		all[i].TTL = before.TTL
	}
	all[0].Before = before.Dir
	engines := openAll(t, all)
	o.Node = "node 0" // alone it wasn't told
	tasks = queue.New(engines[0].Log())
	loaded, err := tasks.Load()
	if err != nil || len(loaded) != 2 || loaded[0].ID != "x" || loaded[1].ID != "y" {
		t.Errorf("tasks: %+v, %v", loaded, err)
	}
	tasks.Close()
	for _, e := range engines {
		for _, id := range []string{"a", "b c", "ä"} {
			if got, ok, err := e.Results().Get(t.Context(), id); err != nil || !ok || got != o {
				t.Errorf("%s of %q: %+v, %t, %v", e.Members().Self().ID, id, got, ok, err)
			}
		}
	}
	if _, err := os.Stat(before.Dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("its folder of before: %v", err)
	}
}

// TestADamagedCopy is refused by name; without it the node gets what the others have.
func TestADamagedCopy(t *testing.T) {
	all := trio(t)
	engines := openAll(t, all)
	o := store.Outcome{State: store.Succeeded, Result: strings.Repeat("x", 1000)}
	for i := range 100 {
		if _, err := engines[0].Results().Create(t.Context(), fmt.Sprint(i), o); err != nil {
			t.Fatal(err)
		}
	}
	engines[1].Close()
	report, err := nats.CheckCopy(all[1].Dir)
	if err != nil || report.Results.Messages < 50 { // it may have been behind
		t.Fatalf("%+v, %v", report, err)
	}
	if err := flip(filepath.Join(all[1].Dir, "jetstream/$G/streams/task_scheduler_results/msgs/1.blk"), 20_000); err != nil {
		t.Fatal(err)
	}
	if _, err := nats.Open(t.Context(), all[1]); err == nil || !strings.Contains(err.Error(), "1.blk is damaged") {
		t.Errorf("a damaged copy: %v", err)
	}
	if err := os.Rename(all[1].Dir, all[1].Dir+".away"); err != nil {
		t.Fatal(err)
	}
	again := openAll(t, all[1:2])[0]
	copied(t, engines[0], nats.ServerName("node 1"))
	again.Close()
	if report, err := nats.CheckCopy(all[1].Dir); err != nil || report.Results.Messages != 100 {
		t.Errorf("after it was made anew: %+v, %v", report, err)
	}
}
