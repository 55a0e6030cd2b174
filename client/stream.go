package client

import (
	"context"
	"errors"
	"sync"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/client/internal/link"
	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// A Stream submits tasks one after another over one call, several times as many
// a second as single calls. Its methods may be called by many goroutines at
// once; each gets the answers to its own tasks, in the order of their ends.
//
// The server stops reading while 1,000 of a stream's tasks run or could run;
// then whoever submits waits. When the stream breaks, every task that was not
// answered yet fails with UNAVAILABLE, and so does all that is submitted later:
// whether such a task ran, [Client.Result] tells by its id. Nothing is sent
// again by itself.
type Stream struct {
	client *Client
	wire   *connect.BidiStreamForClientSimple[taskschedulerpb.TaskRequest, taskschedulerpb.TaskResponse]
	cancel context.CancelFunc

	requests chan *taskschedulerpb.TaskRequest // to the sender
	closing  chan struct{}                     // closed by Close: no more are to be sent
	close    func()
	broken   chan struct{} // closed when no more can be sent
	ended    chan struct{} // closed when all is answered

	answered bool // at least one answer came; receive's own

	mu      sync.Mutex
	last    uint64 // sequence
	waiting map[uint64]submitted
	cause   error // why the stream is over: what it says of a task
}

// submitted is a task that is to be answered.
type submitted struct {
	method, id string
	answer     func(Result, error)
}

// Stream begins a stream of tasks, which [Stream.Close] ends. When ctx ends
// before that, the server cancels those of its tasks that have not ended.
func (c *Client) Stream(ctx context.Context) (*Stream, error) {
	ctx, cancel := context.WithCancel(ctx)
	wire, err := c.rpc.SubmitTasks(ctx)
	if err != nil {
		defer cancel()
		return nil, c.link.ErrorOf(ctx, err)
	}
	// The transport doesn't notice the end of ctx while it waits for the server to read
	// and an answer has begun: closing that wakes it.
	stop := context.AfterFunc(ctx, func() { _ = wire.CloseResponse() })
	closing := make(chan struct{})
	s := &Stream{
		client:   c,
		wire:     wire,
		cancel:   func() { stop(); cancel() },
		requests: make(chan *taskschedulerpb.TaskRequest),
		closing:  closing,
		close:    sync.OnceFunc(func() { close(closing) }),
		broken:   make(chan struct{}),
		ended:    make(chan struct{}),
		waiting:  make(map[uint64]submitted),
	}
	go s.send(ctx)
	go s.receive(ctx)
	return s, nil
}

// RunTask runs a task as [Client.RunTask] does, but that it is submitted once.
// When ctx ends first, so does the wait; the task goes on, and [Client.Cancel]
// stops it.
func (s *Stream) RunTask(ctx context.Context, t Task) (Result, error) {
	type answer struct {
		result Result
		err    error
	}
	answers := make(chan answer, 1)
	id, err := s.submit(ctx, t, func(r Result, err error) { answers <- answer{r, err} })
	if err != nil {
		return Result{ID: id}, err
	}
	select {
	case a := <-answers:
		return a.result, a.err
	case <-ctx.Done():
		return Result{ID: id}, failureOf(t.Method, id, link.ContextError(ctx.Err()))
	}
}

// Submit hands a task over, and returns once it is on its way. ended is called
// once with what RunTask would return, if Submit returns nil, and never
// otherwise. The calls come from one goroutine, so ended must return soon, and
// must not call the Stream's methods.
func (s *Stream) Submit(ctx context.Context, t Task, ended func(Result, error)) error {
	_, err := s.submit(ctx, t, ended)
	return err
}

// Close waits until all that was submitted is answered, and ends the stream.
// It returns why the stream broke, if it did.
func (s *Stream) Close() error {
	s.close()
	<-s.ended
	s.mu.Lock()
	defer s.mu.Unlock()
	if errors.Is(s.cause, errClosed) {
		return nil
	}
	return s.cause
}

// errClosed is the cause of a stream that ended as it should.
var errClosed = task.Errorf(task.FailedPrecondition, "the stream is closed")
