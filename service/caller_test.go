package service

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestCallerOf(t *testing.T) {
	shown := &tls.ConnectionState{PeerCertificates: []*x509.Certificate{{RawSubject: []byte("CN=a")}}}
	for _, test := range []struct {
		request http.Request
		want    string
	}{
		{http.Request{RemoteAddr: "10.0.0.1:1234"}, "10.0.0.1"},
		{http.Request{RemoteAddr: "[2001:db8:1:2:3:4:5:6]:1234"}, "2001:db8:1:2::/64"},
		{http.Request{RemoteAddr: "[fe80::1%eth0]:1234"}, "fe80::/64"},
		{http.Request{RemoteAddr: "[::ffff:10.0.0.1]:1234"}, "[::ffff:10.0.0.1]"},
		{http.Request{RemoteAddr: "@"}, "@"},
		{http.Request{RemoteAddr: "10.0.0.1:1234", TLS: &tls.ConnectionState{}}, "10.0.0.1"},
		{http.Request{RemoteAddr: "10.0.0.1:1234", TLS: shown}, "certificate CN=a"},
	} {
		if got := callerOf(&test.request); got != test.want {
			t.Errorf("%s: got %q, want %q", test.request.RemoteAddr, got, test.want)
		}
	}
}

// from is a client's header that says where it comes from.
const from = "From"

// clientOfMany returns a client whose calls come from where their header says,
// for a service with room for so many tasks.
func clientOfMany(t *testing.T, most int, options ...connect.ClientOption) taskschedulerpbconnect.TaskSchedulerClient {
	t.Helper()
	held, err := task.NewAsync(func(ctx context.Context) { <-ctx.Done() }, task.Name("held"))
	if err != nil {
		t.Fatal(err)
	}
	tasks := new(task.Registry)
	if err := tasks.Add(held); err != nil {
		t.Fatal(err)
	}
	s := newTestServiceOf(t, tasks)
	s.config.Scheduler = scheduler.New(scheduler.Config{
		Tasks: tasks, Store: forgetful{}, MaxPending: most, Logger: slog.New(slog.DiscardHandler),
	})
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, _ = s.config.Scheduler.Drain(ctx) // which ends all at once
	})
	mux := http.NewServeMux()
	path, handler := NewHandler(s.config)
	mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = r.Header.Get(from)
		handler.ServeHTTP(w, r)
	})
	return taskschedulerpbconnect.NewTaskSchedulerClient(h2c(t), "http://"+serve(t, mux), options...)
}

// forgetful is a store that keeps nothing.
type forgetful struct{}

func (forgetful) Get(context.Context, string) (o scheduler.Outcome, ok bool, err error) {
	return o, false, nil
}

func (forgetful) Create(_ context.Context, _ string, o scheduler.Outcome) (scheduler.Outcome, error) {
	return o, nil
}

// TestAClientLeavesRoomForOthers has one client take all that it gets, in each
// of the ways to submit a task.
func TestAClientLeavesRoomForOthers(t *testing.T) {
	single := func(ctx context.Context, c taskschedulerpbconnect.TaskSchedulerClient, r *pb.TaskRequest) error {
		_, err := c.SubmitTask(ctx, r)
		return err
	}
	batch := func(ctx context.Context, c taskschedulerpbconnect.TaskSchedulerClient, r *pb.TaskRequest) error {
		_, err := c.SubmitBatch(ctx, &pb.BatchRequest{Tasks: []*pb.TaskRequest{r}})
		return err
	}
	stream := func(ctx context.Context, c taskschedulerpbconnect.TaskSchedulerClient, r *pb.TaskRequest) error {
		stream, err := c.SubmitTasks(ctx)
		if err != nil {
			return err
		}
		defer stream.CloseResponse()
		if err = stream.Send(r); err != nil {
			return err
		}
		answer, err := stream.Receive()
		if err != nil || answer.GetErrorCode() == 0 {
			return err
		}
		return connect.NewError(connect.Code(answer.GetErrorCode()), errors.New(answer.GetResult()))
	}
	for name, test := range map[string]struct {
		submit func(context.Context, taskschedulerpbconnect.TaskSchedulerClient, *pb.TaskRequest) error
		option connect.ClientOption
	}{
		"gRPC":            {single, connect.WithGRPC()},
		"gRPC-Web":        {single, connect.WithGRPCWeb()},
		"batch":           {batch, connect.WithGRPC()},
		"stream":          {stream, connect.WithGRPC()},
		"stream, Connect": {stream, connect.WithProtoJSON()},
	} {
		t.Run(name, func(t *testing.T) {
			const most, share = 100, 80
			client := clientOfMany(t, most, test.option)
			submit := func(who string, i int) error {
				ctx, call := connect.NewClientContext(t.Context())
				call.RequestHeader().Set(from, who)
				return test.submit(ctx, client, &pb.TaskRequest{TaskId: fmt.Sprint(who, i), Method: "held", Detached: true})
			}
			for i := range share {
				if err := submit("10.0.0.1:1", i); err != nil {
					t.Fatalf("task %d: %v", i, err)
				}
			}
			wantCode(t, submit("10.0.0.1:2", share), connect.CodeResourceExhausted, "tasks of this client have not ended")
			if err := submit("10.0.0.2:1", 0); err != nil {
				t.Errorf("another client: %v", err)
			}
		})
	}
}
