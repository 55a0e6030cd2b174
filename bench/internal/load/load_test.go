package load_test

import (
	"errors"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/least"
	"github.com/taskscheduler/taskscheduler/bench/internal/load"
	_ "github.com/taskscheduler/taskscheduler/builtin"
	"github.com/taskscheduler/taskscheduler/server"
)

// A plan for each kind, all but the connections and what is in flight.
func plans() map[string]load.Plan {
	return map[string]load.Plan{
		"unary":    {Kind: load.Unary},
		"connect":  {Kind: load.Connect},
		"batch":    {Kind: load.Batch, Batch: 150}, // longer than a frame
		"stream":   {Kind: load.Stream},
		"detached": {Kind: load.Detached},
		"rate":     {Kind: load.Unary, Rate: 500},
	}
}

func run(t *testing.T, addr string, plan load.Plan, task load.Task) (*load.Result, error) {
	t.Helper()
	plan.Task, plan.Connections, plan.InFlight = task, 3, 5
	plan.WarmUp, plan.Duration = 10*time.Millisecond, 100*time.Millisecond
	for {
		result, err := load.Run(t.Context(), addr, plan)
		if !errors.Is(err, load.ErrNone) || plan.Duration > time.Minute {
			return result, err
		}
		plan.Duration *= 4 // the machine is busy
	}
}

func TestEveryKindOfCallIsAnsweredByTheService(t *testing.T) {
	addr := serve(t)
	for name, plan := range plans() {
		t.Run(name, func(t *testing.T) {
			result, err := run(t, addr, plan, load.Add())
			if err != nil {
				t.Fatal(err)
			}
			l := &result.Latencies
			if l.Count() == 0 || l.Quantile(.5) <= 0 || l.Quantile(.5) > l.Quantile(.99) {
				t.Errorf("%d answers, p50 %v, p99 %v", l.Count(), l.Quantile(.5), l.Quantile(.99))
			}
		})
	}
}

// A server that is fast because it answers wrongly is found out.
func TestWrongAnswersAreErrors(t *testing.T) {
	addr := serve(t)
	for name, plan := range plans() {
		t.Run(name, func(t *testing.T) {
			for task, says := range map[string]string{"no_such_task": "no_such_task", "process_collection": "process_collection"} {
				_, err := run(t, addr, plan, load.Echo(task, "text"))
				if plan.Kind == load.Connect {
					says = "HTTP status"
				}
				if err == nil || !strings.Contains(err.Error(), says) {
					t.Errorf("%s: %v", task, err)
				}
			}
		})
	}
}

func TestTheOthersAnswerToo(t *testing.T) {
	grpc := least.NewGRPC()
	t.Cleanup(grpc.Stop)
	connect := least.NewConnect()
	t.Cleanup(func() { _ = connect.Close() })
	servers := map[string]interface{ Serve(net.Listener) error }{"grpc": grpc, "connect": connect}
	can := map[string][]string{"grpc": {"unary", "batch", "stream", "rate"}, "connect": {"unary", "connect", "rate"}}
	for name, s := range servers {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = s.Serve(listener) }() // it ends when it is stopped
		for _, kind := range can[name] {
			if _, err := run(t, listener.Addr().String(), plans()[kind], load.Add()); err != nil {
				t.Errorf("%s, %s: %v", name, kind, err)
			}
		}
	}
}

// serve starts this project's server and returns its address.
func serve(t *testing.T) string {
	t.Helper()
	s, err := server.Listen(server.Config{
		Addr: "127.0.0.1:0", AdminAddr: "off", LibraryDir: t.TempDir(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(t.Context()) }()
	t.Cleanup(func() {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return s.Addr().String()
}
