package client_test

import (
	"context"
	"errors"
	"testing"

	connectrpc "connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/client"
	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// tasksStream is a stream as the server sees it.
type tasksStream = connectrpc.BidiStream[taskschedulerpb.TaskRequest, taskschedulerpb.TaskResponse]

// eventsStream is what WatchTask answers with.
type eventsStream = connectrpc.ServerStream[taskschedulerpb.TaskEvent]

// answerOne answers the first of two requests.
func answerOne(stream *tasksStream) error {
	for i := range 2 {
		request, err := stream.Receive()
		if err != nil {
			return err
		}
		if i == 0 {
			answer := &taskschedulerpb.TaskResponse{Status: taskschedulerpb.TaskResponse_SUCCESS, Result: "one", Sequence: request.GetSequence()}
			if err := stream.Send(answer); err != nil {
				return err
			}
		}
	}
	return nil
}

// However a stream breaks, what waits for it fails so that trying again is
// right, and says why.
func TestBrokenStreamFailsAllThatWaits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stream  func(*tasksStream) error
		code    task.Code
		message string
	}{
		"ended": {answerOne, task.Unavailable, "the server ended the stream"},
		"failed": {func(s *tasksStream) error {
			return errors.Join(answerOne(s), connectrpc.NewError(connectrpc.CodeResourceExhausted, errors.New("message is larger than 3")))
		}, task.Unavailable, "message is larger than 3"},
		"draining": {func(s *tasksStream) error {
			_ = answerOne(s)
			return connectrpc.NewError(connectrpc.CodeUnavailable, errors.New("the server is draining"))
		}, task.Unavailable, "draining"},
		"never worked": {func(*tasksStream) error {
			return connectrpc.NewError(connectrpc.CodeUnauthenticated, errors.New("who are you"))
		}, task.Code(16), "who are you"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := connect(t, (&script{stream: test.stream}).start(t), nil)
			s := openStream(t, c)
			answers := make(chan error, 2)
			for range 2 {
				// The last one may come too late, and says the same.
				if err := s.Submit(t.Context(), client.Task{Method: "x"}, func(r client.Result, err error) {
					if r.Text != "one" {
						answers <- err
					}
				}); err != nil {
					answers <- err
				}
			}
			wantFailure(t, <-answers, test.code, test.message)
			wantFailure(t, s.Close(), test.code, test.message)
			_, err := s.RunTask(t.Context(), client.Task{Method: "x"})
			wantFailure(t, err, test.code, test.message)
		})
	}
}

func TestStreamToNobody(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	addr := listener.Addr().String()
	_ = listener.Close()
	c := connect(t, addr, nil)
	s := openStream(t, c)
	_, err := s.RunTask(t.Context(), client.Task{Method: "ping"})
	wantUnreachable(t, err)
}

// The stream of a server that stops ends; what still ran there may be tried
// elsewhere.
//
//nolint:tparallel // the subtest's end stops the server
func TestStreamOfAServerThatStops(t *testing.T) {
	t.Parallel()
	var s *client.Stream
	ended := make(chan error, 1)
	t.Run("server", func(t *testing.T) { // whose end stops the server
		c := connect(t, startServer(t, server.Config{}), nil)
		var err error
		if s, err = c.Stream(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := s.Submit(t.Context(), client.Task{ID: "runs", Method: "hang"}, func(_ client.Result, err error) { ended <- err }); err != nil {
			t.Fatal(err)
		}
		if _, err := s.RunTask(t.Context(), client.Task{Method: "ping"}); err != nil {
			t.Fatal(err)
		}
	})
	_ = s.Close()
	failure, ok := errors.AsType[*task.Error](<-ended)
	if !ok || failure.Code != task.Unavailable && failure.Code != task.Cancelled {
		t.Errorf("got %v, want UNAVAILABLE or CANCELLED", failure)
	}
}
