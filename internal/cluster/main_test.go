package cluster_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	_ "github.com/taskscheduler/taskscheduler/builtin"
	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestMain(m *testing.M) {
	server.BecomePlugin()
	goleak.VerifyTestMain(m, natstest.LeftRunning()...)
}

// patience is for what takes a moment, on a machine that is busy.
const patience = time.Minute

// A node is one of a cluster, and a client of it.
type node struct {
	taskschedulerpbconnect.TaskSchedulerClient

	id    string
	admin string // the operators' address; empty: none
	line  *line  // to the NATS server
	stop  func()
}

// A cluster is nodes a, b, c … that share a NATS server. Each has the built-in tasks
// and those of tasks, which get its name, and a task "only_X" of its own.
type cluster []*node

// soonDead has the others take a node for dead soon after it is cut off. All else has a
// lease that outlasts the pauses of a busy machine.
func soonDead(cfg *server.Config) { cfg.Lease = 3 * time.Second }

// start starts n nodes that know each other; change, if not nil, changes each one's
// settings before.
func start(t *testing.T, n int, change func(*server.Config), tasks ...func(node string) *task.Task) cluster {
	t.Helper()
	servers := natstest.Start(t, 1, natstest.Large)
	var c cluster
	for i := range n {
		c = append(c, startNode(t, string(rune('a'+i)), servers.URLs()[0], change, tasks))
	}
	c.settle(t)
	return c
}

func startNode(t *testing.T, id, url string, change func(*server.Config), tasks []func(string) *task.Task) *node {
	t.Helper()
	l := newLine(t, strings.TrimPrefix(url, "nats://"))
	x := serve(t, id, func(cfg *server.Config) {
		if cfg.NATS = []string{"nats://" + l.addr()}; change != nil {
			change(cfg)
		}
	}, tasks)
	x.line = l
	return x
}

func serve(t *testing.T, id string, change func(*server.Config), tasks []func(string) *task.Task) *node {
	t.Helper()
	registry := new(task.Registry)
	all := task.Default().Tasks()
	for _, of := range append(slices.Clone(tasks), only) {
		all = append(all, of(id))
	}
	if err := registry.Add(all...); err != nil {
		t.Error(err)
		return nil
	}
	cfg := server.Config{
		Addr: "127.0.0.1:0", AdminAddr: "off", NodeID: id, Tasks: registry,
		Logger: slog.New(slog.DiscardHandler), Lease: 10 * time.Second, DrainTimeout: 5 * time.Second,
		DependencyTimeout: 2 * patience,
	}
	if testing.Verbose() {
		cfg.Logger = slog.New(slog.NewTextHandler(t.Output(), nil)).With("on", id)
	}
	change(&cfg)
	s, err := server.Listen(cfg)
	if err != nil {
		t.Error(err)
		return nil
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	x := &node{TaskSchedulerClient: dial(t, s.Addr().String()), id: id}
	if addr := s.AdminAddr(); addr != nil {
		x.admin = addr.String()
	}
	x.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("node %s: %v", id, err)
		}
	})
	t.Cleanup(x.stop)
	<-s.Ready()
	return x
}

func dial(t *testing.T, addr string) taskschedulerpbconnect.TaskSchedulerClient {
	t.Helper()
	transport := &http.Transport{Protocols: new(http.Protocols)}
	transport.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(transport.CloseIdleConnections)
	return taskschedulerpbconnect.NewTaskSchedulerClient(&http.Client{Transport: transport}, "http://"+addr)
}

// only is a task that a node alone has: it tells its name.
func only(id string) *task.Task {
	return must(task.NewSync(func() string { return id }, task.Name("only_"+id)))
}

// where is a task that each node has, and that tells where it runs.
func where(id string) *task.Task {
	return must(task.NewSync(func() string { return id }, task.Name("where")))
}

// A counter has a task "count" on each node, which counts its runs and takes a moment.
type counter struct{ runs atomic.Int64 }

func (c *counter) task(id string) *task.Task {
	return must(task.NewAsync(func(ctx context.Context) (string, error) {
		c.runs.Add(1)
		select {
		case <-ctx.Done():
		case <-time.After(time.Millisecond):
		}
		return id, ctx.Err()
	}, task.Name("count")))
}

// A gate has a task "hold" on some nodes, which runs until it is opened.
type gate struct {
	began chan string // gets the node of each that runs
	ended chan error  // gets how each that was not let through has ended
	open  chan struct{}
}

func newGate() *gate {
	return &gate{began: make(chan string, 1000), ended: make(chan error, 1000), open: make(chan struct{})}
}

// on returns the task for those nodes; on all others it has another name.
func (g *gate) on(nodes string) func(string) *task.Task {
	return func(id string) *task.Task {
		name := "hold"
		if !strings.Contains(nodes, id) {
			name = "hold_not"
		}
		return must(task.NewAsync(func(ctx context.Context) (string, error) {
			g.began <- id
			select {
			case <-g.open:
				return "held on " + id, nil
			case <-ctx.Done():
				g.ended <- ctx.Err()
				return "", ctx.Err()
			}
		}, task.Name(name)))
	}
}

func must(t *task.Task, err error) *task.Task {
	if err != nil {
		panic(err)
	}
	return t
}

// settle waits until each node knows that each other one lives, and what it can run.
func (c cluster) settle(t *testing.T) {
	t.Helper()
	for _, from := range c {
		for _, to := range c {
			until(t, fmt.Sprintf("%s knows %s", from.id, to.id), func() bool {
				answer, err := from.SubmitTask(t.Context(), &pb.TaskRequest{Method: "only_" + to.id})
				return err == nil && answer.GetResult() == to.id
			})
		}
	}
}

// until waits for what no event tells.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for deadline := time.Now().Add(patience); !is(); <-again.C {
		if time.Now().After(deadline) {
			t.Fatalf("it does not come about that %s", what)
		}
	}
}

func texts(t *testing.T, words ...string) []*anypb.Any {
	t.Helper()
	args := make([]*anypb.Any, len(words))
	for i, word := range words {
		var err error
		if args[i], err = anypb.New(wrapperspb.String(word)); err != nil {
			t.Fatal(err)
		}
	}
	return args
}

// result waits for a task's end on a node.
func (n *node) result(t *testing.T, id string) *pb.ResultResponse {
	t.Helper()
	for {
		r, err := n.WaitResult(t.Context(), &pb.WaitResultRequest{TaskId: id, TimeoutMs: 10_000})
		if err != nil {
			t.Fatalf("waiting for %s on %s: %v", id, n.id, err)
		}
		if !slices.Contains([]pb.TaskResponse_Status{pb.TaskResponse_PENDING, pb.TaskResponse_RUNNING}, r.GetStatus()) {
			return r
		}
	}
}
