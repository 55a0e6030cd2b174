package faulttest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

const service = "/taskscheduler.TaskScheduler/"

// load is what clients submit, and what they are told.
type load struct {
	nodes []*node // any of which is asked
	late  int     // so many tasks may run again after their end was told

	mu       sync.Mutex
	deaf     bool // nothing that is said is heard: the power is off
	next     int
	accepted map[string]bool
	told     map[string]told // that it has succeeded
	again    map[string]bool // those that fail once
	refused  map[string]int  // what was said to those that were not accepted
}

// told is what a client was told of a task's end.
type told struct {
	node  string // where it has run
	marks int64  // how long the file with the marks was then: what comes later in it ran later
}

func newLoad(nodes ...*node) *load {
	return &load{
		nodes: nodes, accepted: map[string]bool{}, told: map[string]told{}, again: map[string]bool{}, refused: map[string]int{},
	}
}

func (l *load) any() *node { return l.nodes[rand.IntN(len(l.nodes))] }

// run submits from some clients until ctx ends.
func (l *load) run(ctx context.Context, clients int) {
	var all sync.WaitGroup
	for range clients {
		all.Go(func() {
			last := ""
			for ctx.Err() == nil {
				last = l.submit(ctx, last)
				if last != "" && rand.IntN(4) == 0 {
					l.ask(ctx, last)
				}
			}
		})
	}
	all.Wait()
}

// submit submits a task and returns its id if it was accepted. It may depend on
// another one.
func (l *load) submit(ctx context.Context, before string) string {
	l.mu.Lock()
	l.next++
	id := fmt.Sprintf("task %d", l.next)
	l.mu.Unlock()
	request := &pb.TaskRequest{TaskId: id, Method: "mark", Detached: true, Args: arguments(rand.Int64N(3))}
	switch kind := rand.IntN(10); {
	case kind < 2 && before != "":
		request.Deps = []string{before}
		request.DependencyTimeoutMs = uint64(patience.Milliseconds())
	case kind == 2:
		request.StartAt = timestamppb.New(time.Now().Add(time.Duration(rand.Int64N(int64(300 * time.Millisecond)))))
	case kind == 3:
		request.Method = "flaky"
		request.Retry = &pb.RetryPolicy{MaxAttempts: 100, InitialBackoff: durationpb.New(50 * time.Millisecond)}
	case kind == 4:
		request.Detached, request.Durable = false, true
	}
	response := new(pb.TaskResponse)
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second) // it may have been stopped
	defer cancel()
	err := l.any().conn.Invoke(ctx, service+"SubmitTask", request, response)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.deaf {
		return ""
	}
	if err != nil {
		if code := status.Code(err); !slices.Contains([]codes.Code{codes.Unavailable, codes.Canceled, codes.DeadlineExceeded}, code) {
			l.refused[err.Error()]++
		}
		return ""
	}
	l.accepted[id] = true
	l.again[id] = request.GetMethod() == "flaky"
	if response.GetStatus() == pb.TaskResponse_SUCCESS {
		l.tellLocked(id, response.GetNodeId())
	}
	return id
}

// ask waits a moment for a task's end, at any node, which may not answer.
func (l *load) ask(ctx context.Context, id string) {
	result := new(pb.ResultResponse)
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	err := l.any().conn.Invoke(ctx, service+"WaitResult", &pb.WaitResultRequest{TaskId: id, TimeoutMs: 500}, result)
	l.mu.Lock()
	defer l.mu.Unlock()
	if err == nil && !l.deaf && result.GetStatus() == pb.TaskResponse_SUCCESS {
		l.tellLocked(id, result.GetNodeId())
	}
}

// hear says whether what is said from now on is heard. What a machine says after a power
// cut, as far as it is one here, nobody could have heard.
func (l *load) hear(heard bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deaf = !heard
}

// tellLocked notes that a task's success was told.
func (l *load) tellLocked(id, node string) {
	if _, again := l.told[id]; again {
		return
	}
	size := int64(0)
	if file, err := os.Stat(l.nodes[0].marks); err == nil { // else settle can't read it either
		size = file.Size()
	}
	l.told[id] = told{node, size}
}

// add counts what clients of other nodes were told too.
func (l *load) add(other *load) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id := range other.accepted {
		l.accepted[id], l.again[id] = true, other.again[id]
		if told, ok := other.told[id]; ok {
			l.told[id] = told
		}
	}
	for said, times := range other.refused {
		l.refused[said] += times
	}
}

func arguments(milliseconds int64) []*anypb.Any {
	argument, _ := anypb.New(wrapperspb.Int64(milliseconds)) // which always can be
	return []*anypb.Any{argument}
}

// look asks for the results of some tasks that were accepted: what was told once
// must be told again.
func (l *load) look(t *testing.T) {
	t.Helper()
	const many = 200
	l.mu.Lock()
	var ids []string
	for id := range l.accepted {
		if ids = append(ids, id); len(ids) == many {
			break
		}
	}
	l.mu.Unlock()
	for _, id := range ids {
		result := l.wait(t, id, 0)
		l.mu.Lock()
		before, told := l.told[id]
		switch result.GetStatus() {
		case pb.TaskResponse_SUCCESS:
			if told && before.node != result.GetNodeId() {
				t.Errorf("%s had succeeded on node %s, and on node %s now", id, before.node, result.GetNodeId())
			}
			l.tellLocked(id, result.GetNodeId())
		case pb.TaskResponse_NOT_FOUND, pb.TaskResponse_FAILED, pb.TaskResponse_CANCELLED:
			t.Errorf("%s was accepted, and is %v: %s", id, result.GetStatus(), result.GetResult())
		default:
			if told {
				t.Errorf("%s had succeeded, and is %v", id, result.GetStatus())
			}
		}
		l.mu.Unlock()
	}
}

// wait returns a task's result.
func (l *load) wait(t *testing.T, id string, timeout time.Duration) *pb.ResultResponse {
	t.Helper()
	result := new(pb.ResultResponse)
	rpc := "GetResult"
	if timeout > 0 {
		rpc = "WaitResult"
	}
	for until := time.Now().Add(patience); ; {
		err := l.any().conn.Invoke(t.Context(), service+rpc,
			&pb.WaitResultRequest{TaskId: id, TimeoutMs: uint64(timeout.Milliseconds())}, result)
		if err == nil {
			return result
		}
		if status.Code(err) != codes.Unavailable || time.Now().After(until) {
			t.Fatalf("%s(%s): %v", rpc, id, err)
		}
	}
}

// counts is what came of it all. Repeated are runs more than there had to be; of those,
// afterEnd have begun when the task's end had been told.
type counts struct{ accepted, run, repeated, afterEnd, lost int }

// settle waits until every accepted task has succeeded, and counts.
func (l *load) settle(t *testing.T) (c counts) {
	t.Helper()
	for said, times := range l.refused {
		t.Errorf("%d times: %s", times, said)
	}
	for id := range l.accepted {
		result := l.wait(t, id, patience)
		if result.GetStatus() != pb.TaskResponse_SUCCESS || result.GetResult() != id {
			t.Errorf("%s was accepted, and is %v: %q", id, result.GetStatus(), result.GetResult())
			c.lost++
		} else if before, told := l.told[id]; told && before.node != result.GetNodeId() {
			t.Errorf("%s had succeeded on node %s, and on node %s now", id, before.node, result.GetNodeId())
		}
	}
	runs := l.nodes[0].runs(t)
	for id := range l.accepted {
		c.accepted++
		want := 1
		if l.again[id] {
			want = 2
		}
		if len(runs[id]) < want {
			t.Errorf("%s was accepted and ran %d times", id, len(runs[id]))
		} else {
			c.run++
		}
		c.repeated += max(0, len(runs[id])-want)
		for _, at := range runs[id] {
			if told, ok := l.told[id]; ok && at >= told.marks {
				t.Logf("%s ran again after its end was told", id)
				c.afterEnd++
			}
		}
	}
	if c.afterEnd > l.late {
		t.Errorf("%d tasks ran again after their ends were told", c.afterEnd)
	}
	return c
}

// runs returns where in the file each task's marks are that it has begun to run.
func (n *node) runs(t *testing.T) map[string][]int64 {
	t.Helper()
	text, err := os.ReadFile(n.marks)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // nothing has run
		t.Fatal(err)
	}
	runs, at := make(map[string][]int64), int64(0)
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		id := strings.Join(fields[1:len(fields)-1], " ")
		runs[id] = append(runs[id], at)
		at += int64(len(line))
	}
	return runs
}

// await waits until so many tasks more have been accepted.
func (l *load) await(t *testing.T, more int) {
	t.Helper()
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	first := l.count()
	for deadline := time.Now().Add(patience); l.count() < first+more; <-again.C {
		if time.Now().After(deadline) {
			for _, n := range l.nodes {
				t.Log(n.said())
			}
			t.Fatalf("only %d tasks more were accepted", l.count()-first)
		}
	}
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.accepted)
}
