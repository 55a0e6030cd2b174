package service

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	grpcstatus "google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/contracttest"
)

// submit calls SubmitTask and returns the result, or the code's name and the
// message.
type submit func(ctx context.Context, request *pb.TaskRequest) (result, code, message string)

// TestContract runs the contract's cases with every kind of client.
func TestContract(t *testing.T) {
	s := newTestService(t)
	addr := start(t, s)
	for name, call := range map[string]submit{
		"grpc-go":                          byGRPC(grpcConn(t, addr)),
		"connect-go, gRPC":                 byConnect(h2c(t), addr, connect.WithGRPC()),
		"connect-go, gRPC-Web, HTTP/2":     byConnect(h2c(t), addr, connect.WithGRPCWeb()),
		"connect-go, gRPC-Web, HTTP/1.1":   byConnect(http1(t), addr, connect.WithGRPCWeb()),
		"connect-go, Connect, HTTP/2":      byConnect(h2c(t), addr),
		"connect-go, Connect, HTTP/1.1":    byConnect(http1(t), addr),
		"connect-go, Connect JSON, HTTP/2": byConnect(h2c(t), addr, connect.WithProtoJSON()),
		"JSON by HTTP/1.1":                 byJSON(http1(t), addr),
	} {
		t.Run(name, func(t *testing.T) {
			for _, c := range contracttest.Cases(t) {
				t.Run(c.Name(), func(t *testing.T) {
					result, code, message := call(t.Context(), &pb.TaskRequest{Method: c.Method, Args: anys(t, c.Args...)})
					if result != c.Result || code != c.Error || !strings.Contains(message, c.Message) {
						t.Errorf("got %q, %s %q; want %q, %s %q", result, code, message, c.Result, c.Error, c.Message)
					}
				})
			}
		})
	}
}

func byGRPC(conn *grpc.ClientConn) submit {
	return func(ctx context.Context, request *pb.TaskRequest) (result, code, message string) {
		var response pb.TaskResponse
		if err := conn.Invoke(ctx, taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, request, &response); err != nil {
			s := grpcstatus.Convert(err)
			return "", codeName(connect.Code(s.Code()).String()), s.Message()
		}
		return response.GetResult(), "", ""
	}
}

func byConnect(client *http.Client, addr string, options ...connect.ClientOption) submit {
	connected := taskschedulerpbconnect.NewTaskSchedulerClient(client, "http://"+addr, options...)
	return func(ctx context.Context, request *pb.TaskRequest) (result, code, message string) {
		response, err := connected.SubmitTask(ctx, request)
		if err != nil {
			return "", codeName(connect.CodeOf(err).String()), err.Error()
		}
		return response.GetResult(), "", ""
	}
}

// byJSON does without any RPC library, as a shell script would.
func byJSON(client *http.Client, addr string) submit {
	return func(ctx context.Context, request *pb.TaskRequest) (result, code, message string) {
		body, err := protojson.Marshal(request)
		if err != nil {
			return "", err.Error(), ""
		}
		post, err := http.NewRequestWithContext(ctx, http.MethodPost,
			fmt.Sprintf("http://%s/taskscheduler.TaskScheduler/SubmitTask", addr), bytes.NewReader(body))
		if err != nil {
			return "", err.Error(), ""
		}
		post.Header.Set("Content-Type", "application/json")
		response, err := client.Do(post)
		if err != nil {
			return "", err.Error(), ""
		}
		defer response.Body.Close()
		var answer struct{ Result, Code, Message string }
		raw, err := io.ReadAll(response.Body)
		if err == nil {
			err = json.Unmarshal(raw, &answer)
		}
		if err != nil {
			return "", err.Error(), string(raw)
		}
		return answer.Result, codeName(answer.Code), answer.Message
	}
}

// codeName turns connect's spelling of a code into gRPC's.
func codeName(code string) string { return strings.ToUpper(code) }
