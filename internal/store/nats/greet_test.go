package nats_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store/nats"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// TestAnotherNodeOfOneName is refused before its server takes part in anything.
func TestAnotherNodeOfOneName(t *testing.T) {
	all := trio(t)
	openAll(t, all)
	second := trio(t)[0]
	second.Node, second.Cluster.Join = "node 1", all[0].Cluster.Join
	ctx, cancel := context.WithTimeout(t.Context(), backstop)
	defer cancel()
	_, err := nats.Open(ctx, second)
	if err == nil || !strings.Contains(err.Error(), `node "node 1", at `+all[1].Cluster.Listen+": another node of this name") {
		t.Errorf("it is told %v", err)
	}
	if _, err := os.Stat(filepath.Join(second.Dir, "jetstream")); !os.IsNotExist(err) {
		t.Errorf("its server has begun: %v", err)
	}
}

// said is a log that can be read while it is written.
type said struct {
	mu   sync.Mutex
	text strings.Builder
}

func (s *said) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func (s *said) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// TestWhoIsMissing is told by a node that waits for others, and how many of them are
// reached when these are too few.
func TestWhoIsMissing(t *testing.T) {
	all := trio(t)
	var log said
	all[0].Logger = slog.New(slog.NewTextHandler(&log, nil))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var waiting sync.WaitGroup
	defer waiting.Wait()
	waiting.Go(func() {
		for ctx.Err() == nil {
			if text := log.String(); strings.Contains(text, "missing=") {
				stop()
			}
			<-time.After(50 * time.Millisecond)
		}
	})
	alone, err := nats.Open(ctx, all[0])
	if err == nil {
		alone.Close()
		t.Fatal("a node was enough")
	}
	want := all[1].Cluster.Listen + " (nobody listens), "
	if text := log.String(); !strings.Contains(text, want) && !strings.Contains(text, all[2].Cluster.Listen+" (nobody listens), ") {
		t.Errorf("it says\n%s", text)
	}
	all[0].Dir = t.TempDir()
	all[0].Cluster.Listen = natstest.FreeAddr(t)
	for i := range all {
		all[i].Cluster.Join = []string{all[0].Cluster.Listen, all[1].Cluster.Listen, all[2].Cluster.Listen}
	}
	engines := openAll(t, all)
	if got := engines[0].Reach(); got != "" {
		t.Errorf("all are there: %q", got)
	}
	engines[1].Close()
	engines[2].Close()
	for until := time.Now().Add(backstop); engines[0].Reach() != "1 of 3 nodes reached, 2 needed"; <-time.After(20 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("one is left: %q", engines[0].Reach())
		}
	}
}
