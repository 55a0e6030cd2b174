package rpc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"connectrpc.com/connect"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/task"
)

// A levelService answers one rpc: the level is what it is to do.
type levelService struct {
	adminpbconnect.UnimplementedAdminServiceHandler
}

func (levelService) SetLogLevel(_ context.Context, request *adminpb.SetLogLevelRequest) (*adminpb.SetLogLevelResponse, error) {
	switch request.GetLevel() {
	case "panic":
		panic("with a secret")
	case "fail":
		return nil, rpc.Error(fmt.Errorf("further down: %w", task.Errorf(task.FailedPrecondition, "not now")))
	default:
		return &adminpb.SetLogLevelResponse{Previous: request.GetLevel()}, nil
	}
}

// newClient returns a client of a levelService, and what that logs.
func newClient(t *testing.T, header func(http.Header)) (adminpbconnect.AdminServiceClient, *bytes.Buffer) {
	t.Helper()
	logs := new(bytes.Buffer)
	_, handler := adminpbconnect.NewAdminServiceHandler(levelService{},
		rpc.HandlerOptions(slog.New(slog.NewTextHandler(logs, nil)), 10_000, nil))
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	look := connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			response, err := next(ctx, request)
			if err == nil {
				header(response.Header())
			}
			return response, err
		}
	})
	return adminpbconnect.NewAdminServiceClient(http.DefaultClient, server.URL,
		connect.WithGRPCWeb(), connect.WithInterceptors(look)), logs
}

func TestHandlerOptions(t *testing.T) {
	var encoding string
	client, logs := newClient(t, func(header http.Header) { encoding = header.Get("Grpc-Encoding") })
	call := func(level string) (*adminpb.SetLogLevelResponse, error) {
		return client.SetLogLevel(t.Context(), &adminpb.SetLogLevelRequest{Level: level})
	}
	for _, size := range []int{10, 9000} {
		long := strings.Repeat("x", size)
		if response, err := call(long); err != nil || response.GetPrevious() != long {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	if encoding != "gzip" {
		t.Errorf("a long answer is encoded as %q, want gzip", encoding)
	}
	if _, err := call(strings.Repeat("x", 10_001)); connect.CodeOf(err) != connect.CodeResourceExhausted {
		t.Errorf("a request that is too long: %v", err)
	}
	_, err := call("fail")
	if connect.CodeOf(err) != connect.CodeFailedPrecondition || !strings.HasSuffix(err.Error(), "not now") {
		t.Errorf("an error: %v", err)
	}
	_, err = call("panic")
	if connect.CodeOf(err) != connect.CodeInternal || strings.Contains(err.Error(), "secret") {
		t.Errorf("a panic: %v", err)
	}
	for _, want := range []string{"with a secret", "SetLogLevel", "rpc_test.go"} {
		if !strings.Contains(logs.String(), want) {
			t.Errorf("the log of a panic should contain %q: %s", want, logs)
		}
	}
}

func TestError(t *testing.T) {
	if err := rpc.Error(nil); err != nil {
		t.Errorf("nil became %v", err)
	}
	for code, err := range map[connect.Code]error{
		connect.CodeInternal:         errors.New("anything"),
		connect.CodeDeadlineExceeded: fmt.Errorf("waiting: %w", context.DeadlineExceeded),
		connect.CodeNotFound:         task.Errorf(task.NotFound, "no such"),
	} {
		if got := connect.CodeOf(rpc.Error(err)); got != code {
			t.Errorf("%v became %v, want %v", err, got, code)
		}
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]uint32{-1: 0, 0: 0, 7: 7, math.MaxInt: math.MaxUint32} {
		if got := rpc.Count(n); got != want {
			t.Errorf("%d became %d, want %d", n, got, want)
		}
	}
}
