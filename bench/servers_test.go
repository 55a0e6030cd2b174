package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	_ "github.com/taskscheduler/taskscheduler/builtin" // add
	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/server"
)

// serveService is this project's server, with its defaults, on a free port.
func serveService() error {
	s, err := server.Listen(server.Config{
		Addr: anyPort, AdminAddr: anyPort,
		LibraryDir: filepath.Join(os.TempDir(), "no-such-libraries"),
		Logger:     slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		tellAndWait(s.Addr())
		stop()
	}()
	return s.Serve(ctx)
}

// serveGRPC is the least that a server of the same calls on grpc-go does: decode
// the arguments, look the method up in a map, run it, answer.
func serveGRPC() error {
	listener, err := net.Listen("tcp", anyPort)
	if err != nil {
		return err
	}
	s := grpc.NewServer()
	s.RegisterService(&leastService, struct{}{})
	go func() {
		tellAndWait(listener.Addr())
		s.Stop()
	}()
	return s.Serve(listener)
}

// leastService is what protoc-gen-go-grpc makes of SubmitTask.
var leastService = grpc.ServiceDesc{
	ServiceName: taskschedulerpbconnect.TaskSchedulerName,
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{
		MethodName: "SubmitTask",
		Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			request := new(pb.TaskRequest)
			if err := decode(request); err != nil {
				return nil, err
			}
			return submitLeast(ctx, request)
		},
	}},
}

// serveNetHTTP is the same on connect-go and net/http as they come, which is
// what this project's server is built on.
func serveNetHTTP() error {
	listener, err := net.Listen("tcp", anyPort)
	if err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle(taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, connect.NewUnaryHandlerSimple(
		taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, submitLeast))
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	s := &http.Server{Handler: mux, Protocols: protocols}
	go func() {
		tellAndWait(listener.Addr())
		_ = s.Close()
	}()
	if err := s.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

const anyPort = "127.0.0.1:0"

// tellAndWait tells the process that started this one where it listens, and
// returns when that one wants no more.
func tellAndWait(addr net.Addr) {
	fmt.Println(addr)
	_, _ = io.Copy(io.Discard, os.Stdin)
}

// leastMethods are the tasks of the servers that do the least.
var leastMethods = map[string]func([]*anypb.Any) (string, error){"add": addLeast}

func submitLeast(_ context.Context, request *pb.TaskRequest) (*pb.TaskResponse, error) {
	method := leastMethods[request.GetMethod()]
	if method == nil {
		return nil, status.Error(codes.NotFound, "no such method")
	}
	result, err := method(request.GetArgs())
	if err != nil {
		return nil, status.Error(codes.InvalidArgument, err.Error())
	}
	return &pb.TaskResponse{TaskId: request.GetTaskId(), Status: pb.TaskResponse_SUCCESS, Result: result}, nil
}

func addLeast(args []*anypb.Any) (string, error) {
	var sum int32
	for _, arg := range args {
		var number wrapperspb.Int32Value
		if err := arg.UnmarshalTo(&number); err != nil {
			return "", err
		}
		sum += number.GetValue()
	}
	return strconv.Itoa(int(sum)), nil
}
