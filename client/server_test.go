package client_test

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/taskscheduler/taskscheduler/builtin"
	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/certtest"
	"github.com/taskscheduler/taskscheduler/internal/contracttest"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// hang, beside the built-in tasks, runs until it is cancelled.
var _ = task.Async(hang)

func hang(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

// startServer runs the real server until the test ends and returns its address.
func startServer(t *testing.T, cfg server.Config) string {
	t.Helper()
	cfg.Addr, cfg.AdminAddr, cfg.Logger, cfg.DrainTimeout = "127.0.0.1:0", "off", slog.New(slog.DiscardHandler), time.Second
	s, err := server.Listen(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return s.Addr().String()
}

func wantFailure(t *testing.T, err error, code task.Code, message string) {
	t.Helper()
	failure, ok := errors.AsType[*task.Error](err)
	if !ok || failure.Code != code || !strings.Contains(failure.Message, message) {
		t.Errorf("got %v, want %v with %q", err, code, message)
	}
}

func TestContract(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	for _, contract := range contracttest.Cases(t) {
		t.Run(contract.Name(), func(t *testing.T) {
			t.Parallel()
			args := make([]any, len(contract.Args))
			for i, arg := range contract.Args {
				args[i] = arg
			}
			text, err := c.Run(t.Context(), contract.Method, args...)
			if contract.Error == "" {
				if err != nil || text != contract.Result {
					t.Errorf("got %q, %v, want %q", text, err, contract.Result)
				}
				return
			}
			failure, ok := errors.AsType[*task.Error](err)
			if !ok || failure.Code.String() != contract.Error || !strings.Contains(failure.Message, contract.Message) {
				t.Errorf("got %v, want %s with %q", err, contract.Error, contract.Message)
			}
		})
	}
}

func TestGoValues(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	type person struct {
		Name      string
		Age       int
		IsStudent bool `json:"isStudent"`
		Scores    []float64
	}
	ada := person{Name: "Ada", Age: 36, Scores: []float64{88, 95.5}}
	for _, call := range []struct {
		method string
		args   []any
		want   string
	}{
		{"add", []any{1, int32(2), -3}, "0"},
		{"echo_string", []any{"a", "b"}, "a,b"},
		{"echo_bytes", []any{[]byte("raw")}, "raw"},
		{"echo_bool", []any{true, false}, "true,false"},
		{"sum_list", []any{[]int64{1, 2, 3_000_000_000}}, "3000000003"},
		{"process_collection", []any{[]string{"a", "b"}, map[string]int{"c": 3}}, "Array: 2 items, Map: 1 items"},
		{"process_person_map", []any{ada}, "Processing person: Name=Ada, Age=36, IsStudent=false, Scores=[88, 95.5]"},
	} {
		if text, err := c.Run(t.Context(), call.method, call.args...); err != nil || text != call.want {
			t.Errorf("%s%v: got %q, %v, want %q", call.method, call.args, text, err, call.want)
		}
	}
}

func TestTaskThatIsLeftToRun(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	ctx := t.Context()
	id, err := c.Submit(ctx, client.Task{Method: "fibonacci", Args: []any{10}})
	if err != nil {
		t.Fatal(err)
	}
	if result, err := c.Wait(ctx, id); err != nil || result.Text != "55" || result.State != client.StateSuccess {
		t.Errorf("Wait: got %+v, %v, want 55", result, err)
	}
	if result, err := c.Result(ctx, id); err != nil || result.Text != "55" || result.ID != id || result.Err() != nil {
		t.Errorf("Result: got %+v, %v, want 55", result, err)
	}
	result, err := c.RunTask(ctx, client.Task{Method: "echo_string", Args: []any{"x"}, Deps: []string{id}, InjectResults: true})
	if err != nil || result.Text != "55,x" {
		t.Errorf("with the result injected: got %+v, %v, want 55,x", result, err)
	}
	_, err = c.RunTask(ctx, client.Task{Method: "ping", Deps: []string{"nobody"}})
	wantFailure(t, err, task.FailedPrecondition, "nobody")
}

func TestUnknownTask(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	result, err := c.Result(t.Context(), "nobody")
	if err != nil || result.State != client.StateNotFound {
		t.Errorf("Result: got %+v, %v, want NOT_FOUND and no error", result, err)
	}
	wantFailure(t, result.Err(), task.NotFound, "nobody")
	_, err = c.Wait(t.Context(), "nobody")
	wantFailure(t, err, task.NotFound, "nobody")
	if cancelled, state, err := c.Cancel(t.Context(), "nobody"); cancelled || state != client.StateNotFound || err != nil {
		t.Errorf("Cancel: got %v, %v, %v, want NOT_FOUND and no error", cancelled, state, err)
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	ctx := t.Context()
	id, err := c.Submit(ctx, client.Task{ID: "hanging", Method: "hang"})
	if err != nil || id != "hanging" {
		t.Fatalf("got %q, %v", id, err)
	}
	short, stop := context.WithTimeout(ctx, 10*time.Millisecond)
	defer stop()
	if _, err := c.Wait(short, id); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait: got %v, want context.DeadlineExceeded", err)
	}
	if cancelled, state, err := c.Cancel(ctx, id); !cancelled || state != client.StateCancelled || err != nil {
		t.Errorf("got %v, %v, %v, want true, CANCELLED", cancelled, state, err)
	}
	if cancelled, state, err := c.Cancel(ctx, id); cancelled || state != client.StateCancelled || err != nil {
		t.Errorf("again: got %v, %v, %v, want false, CANCELLED", cancelled, state, err)
	}
	result, err := c.Wait(ctx, id)
	wantFailure(t, err, task.Cancelled, "")
	if result.State != client.StateCancelled {
		t.Errorf("got %v, want CANCELLED", result.State)
	}
}

func TestExecutionTimeout(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	result, err := c.RunTask(t.Context(), client.Task{Method: "hang", ExecutionTimeout: time.Millisecond})
	wantFailure(t, err, task.DeadlineExceeded, "")
	if !errors.Is(err, context.DeadlineExceeded) || result.State != client.StateFailed {
		t.Errorf("got %v, %+v: want context.DeadlineExceeded and FAILED", err, result)
	}
	failed, ok := errors.AsType[*client.TaskError](err)
	if !ok || failed.Method != "hang" || failed.ID != result.ID || !strings.Contains(err.Error(), result.ID) {
		t.Errorf("got %v of %+v, want the method and the id", err, failed)
	}
}

func TestNode(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{NodeID: "n1"}), nil)
	if _, err := c.Submit(t.Context(), client.Task{Method: "hang"}); err != nil {
		t.Fatal(err)
	}
	node, err := c.Node(t.Context())
	if err != nil || node.ID != "n1" || node.Running+node.Pending != 1 || len(node.Methods) < 13 {
		t.Errorf("got %+v, %v, want n1 with one task that has not ended and all methods", node, err)
	}
}

func TestMessageTooLargeForTheServer(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{MaxMessageBytes: 10_000}), func(cfg *client.Config) {
		cfg.BackoffBase = time.Hour // a second attempt would not go unnoticed
	})
	_, err := c.Run(t.Context(), "ping", strings.Repeat("x", 20_000))
	wantFailure(t, err, task.ResourceExhausted, "larger than")
}

func TestOneIDFromManyCallers(t *testing.T) {
	t.Parallel()
	c := connect(t, startServer(t, server.Config{}), nil)
	var callers sync.WaitGroup
	results := make([]string, 64)
	for i := range results {
		callers.Go(func() {
			result, err := c.RunTask(t.Context(), client.Task{ID: "one", Method: "ping", Args: []any{strconv.Itoa(i)}})
			if err != nil {
				t.Error(err)
			}
			results[i] = result.Text
		})
	}
	callers.Wait()
	for _, text := range results {
		if text != results[0] {
			t.Fatalf("one task has results %q and %q", results[0], text)
		}
	}
}

func TestQueueThatIsFullForAWhile(t *testing.T) {
	t.Parallel()
	addr := startServer(t, server.Config{MaxPendingTasks: 1})
	impatient := connect(t, addr, func(cfg *client.Config) { cfg.Attempts = 1 })
	patient := connect(t, addr, func(cfg *client.Config) { cfg.Attempts = 10_000 })
	id, err := impatient.Submit(t.Context(), client.Task{Method: "hang"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = impatient.Run(t.Context(), "ping")
	wantFailure(t, err, task.ResourceExhausted, "")
	var caller sync.WaitGroup
	caller.Go(func() {
		if text, err := patient.Run(t.Context(), "ping"); err != nil || text != "pong" {
			t.Errorf("got %q, %v, want pong once there is room", text, err)
		}
	})
	if cancelled, _, err := impatient.Cancel(t.Context(), id); !cancelled {
		t.Errorf("the first task is not cancelled: %v", err)
	}
	caller.Wait()
}

func TestMutualTLS(t *testing.T) {
	t.Parallel()
	authority := certtest.NewAuthority(t)
	cert, key := authority.Issue(t, "server").Write(t, t.TempDir())
	addr := startServer(t, server.Config{TLSCert: cert, TLSKey: key, TLSCACert: authority.Write(t, t.TempDir())})
	known := tls.Config{RootCAs: authority.Pool(), Certificates: []tls.Certificate{authority.Issue(t, "client").TLS(t)}}
	stranger := tls.Config{
		RootCAs:      authority.Pool(),
		Certificates: []tls.Certificate{certtest.NewAuthority(t).Issue(t, "client").TLS(t)},
	}
	for _, c := range []struct {
		name string
		tls  *tls.Config
		ok   bool
	}{
		{"known", &known, true},
		{"from another authority", &stranger, false},
		{"without a certificate", &tls.Config{RootCAs: authority.Pool()}, false},
		{"server of another authority", &tls.Config{RootCAs: certtest.NewAuthority(t).Pool()}, false},
		{"without TLS", nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			connected := connect(t, addr, func(cfg *client.Config) { cfg.TLS = c.tls })
			text, err := connected.Run(t.Context(), "add", 1, 2, 3)
			switch {
			case !c.ok:
				wantUnreachable(t, err)
			case err != nil || text != "6":
				t.Errorf("got %q, %v, want 6", text, err)
			}
		})
	}
}
