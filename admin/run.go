package admin

import (
	"cmp"
	"context"
	"log/slog"
	"net"
	"time"

	"google.golang.org/protobuf/types/known/anypb"

	taskpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/signature"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// RunTask implements the rpc of that name.
func (s *service) RunTask(ctx context.Context, request *pb.RunTaskRequest) (*pb.RunTaskResponse, error) {
	submission, err := s.submission(request)
	if err != nil {
		return nil, rpc.Error(err)
	}
	if request.GetDryRun() {
		return &pb.RunTaskResponse{}, rpc.Error(s.checkArguments(submission))
	}
	id, err := s.config.Submit(ctx, operator(ctx), submission)
	s.audit(ctx, "run task", submission.GetMethod(), err, slog.String("id", cmp.Or(id, submission.GetTaskId())))
	if err != nil {
		return nil, rpc.Error(err)
	}
	return &pb.RunTaskResponse{Id: id}, nil
}

// operator names the caller as one who submits a task.
func operator(ctx context.Context) string {
	caller := adminport.CallerOf(ctx)
	who := caller.Name
	if who == "" {
		who = caller.Peer
		if host, _, err := net.SplitHostPort(who); err == nil {
			who = host
		}
	}
	return "operator " + who
}

// submission is a request as clients make it, detached.
func (s *service) submission(request *pb.RunTaskRequest) (*taskpb.TaskRequest, error) {
	made := &taskpb.TaskRequest{
		TaskId: request.GetId(), Method: request.GetMethod(), Args: request.GetArguments(), Deps: request.GetDependencies(),
		StartAt: request.GetStartAt(), Labels: request.GetLabels(), Detached: true,
		InjectDependencyResults: request.GetInjectResults(),
	}
	if timeout := request.GetExecutionTimeout(); timeout != nil {
		if timeout.CheckValid() != nil || timeout.AsDuration() < time.Millisecond {
			return nil, task.Errorf(task.InvalidArgument, "execution_timeout: want a millisecond or more")
		}
		made.ExecutionTimeoutMs = uint64(timeout.AsDuration() / time.Millisecond)
	}
	if most := request.GetMaxAttempts(); most > 1 {
		made.Retry = &taskpb.RetryPolicy{MaxAttempts: most}
	}
	if request.GetAgain() != "" {
		return made, s.repeat(made, request.GetAgain())
	}
	return made, nil
}

// repeat gives a submission what another task was called with.
func (s *service) repeat(made *taskpb.TaskRequest, id string) error {
	if len(made.GetArgs()) > 0 {
		return task.Errorf(task.InvalidArgument, "arguments and again: give one of them")
	}
	method, args, err := s.argumentsOf(id)
	if err != nil {
		return err
	}
	made.Args = args
	made.Method = cmp.Or(made.GetMethod(), method)
	return nil
}

// argumentsOf returns what a task was called with, and its method.
func (s *service) argumentsOf(id string) (method string, args []*anypb.Any, err error) {
	if letter, ok := s.config.DeadLetters.Find(id); ok {
		args, err = pack(letter.Args)
		return letter.Execution.Task.Name, args, err
	}
	x := s.newest(id)
	if x == nil {
		return "", nil, errUnknown
	}
	kept := new(pb.GetExecutionResponse)
	record := s.config.Scheduler.Record(x)
	if err := addArguments(kept, &record); err != nil {
		return "", nil, err
	}
	if !kept.GetArgumentValuesKept() {
		return "", nil, task.Errorf(task.FailedPrecondition, "what this task was called with isn't kept, or not whole: "+
			"run it with arguments, or start the server with Config.KeepArguments")
	}
	return x.Task.Name, kept.GetArgumentValues(), nil
}

// checkArguments tells whether a task takes its arguments, as far as its signature
// says.
func (s *service) checkArguments(made *taskpb.TaskRequest) error {
	t := s.config.Tasks.Lookup(made.GetMethod())
	if t == nil {
		return task.Errorf(task.NotFound, "there is no task of this name")
	}
	args := make([]task.Value, len(made.GetArgs()))
	for i, arg := range made.GetArgs() {
		value, err := wire.Decode(arg.GetTypeUrl(), arg.GetValue())
		if err != nil {
			return task.Errorf(task.InvalidArgument, "argument %d: %w", i+1, err)
		}
		args[i] = value
	}
	if t.Signature == "" {
		return nil
	}
	read, err := signature.Parse(t.Signature)
	if err != nil {
		return nil //nolint:nilerr // nobody knows what it takes
	}
	_, err = read.Check(t.Name, args)
	return err
}
