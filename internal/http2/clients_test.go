package http2_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/taskscheduler/taskscheduler/internal/http2"
)

type text = wrapperspb.StringValue

// newRPCs returns a handler with an rpc of each kind.
func newRPCs() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/test.Test/Unary", connect.NewUnaryHandler("/test.Test/Unary",
		func(_ context.Context, r *connect.Request[text]) (*connect.Response[text], error) {
			if r.Msg.Value == "fail" {
				return nil, connect.NewError(connect.CodeNotFound, errors.New("no such thing"))
			}
			return connect.NewResponse(r.Msg), nil
		}))
	mux.Handle("/test.Test/Bidi", connect.NewBidiStreamHandler("/test.Test/Bidi",
		func(_ context.Context, stream *connect.BidiStream[text, text]) error {
			for {
				message, err := stream.Receive()
				if errors.Is(err, io.EOF) {
					return nil
				}
				if err != nil {
					return err
				}
				if err := stream.Send(message); err != nil {
					return err
				}
			}
		}))
	mux.Handle("/test.Test/Wait", connect.NewUnaryHandler("/test.Test/Wait",
		func(ctx context.Context, _ *connect.Request[text]) (*connect.Response[text], error) {
			<-ctx.Done()
			return nil, ctx.Err()
		}))
	return mux
}

func TestGRPC(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: newRPCs()}, http2.Options{})
	conn, err := grpc.NewClient(s.addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, size := range []int{0, 10, 20_000, 3 << 20} {
		sent, got := &text{Value: strings.Repeat("x", size)}, new(text)
		if err := conn.Invoke(t.Context(), "/test.Test/Unary", sent, got); err != nil || got.Value != sent.Value {
			t.Errorf("%d bytes: %v, got %d", size, err, len(got.Value))
		}
	}
	if err := conn.Invoke(t.Context(), "/test.Test/Unary", &text{Value: "fail"}, new(text)); status.Code(err) != codes.NotFound {
		t.Error(err)
	}
	if err := conn.Invoke(t.Context(), "/test.Test/Missing", new(text), new(text)); status.Code(err) != codes.Unimplemented {
		t.Error(err)
	}
	stream, err := conn.NewStream(t.Context(), &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/test.Test/Bidi")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		got := new(text)
		if err := errors.Join(stream.SendMsg(&text{Value: fmt.Sprint(i)}), stream.RecvMsg(got)); err != nil || got.Value != fmt.Sprint(i) {
			t.Fatal(err, got)
		}
	}
	if err := errors.Join(stream.CloseSend()); err != nil {
		t.Error(err)
	}
	if err := stream.RecvMsg(new(text)); !errors.Is(err, io.EOF) {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	stop := context.AfterFunc(t.Context(), cancel)
	defer stop()
	go cancel()
	if err := conn.Invoke(ctx, "/test.Test/Wait", new(text), new(text)); status.Code(err) != codes.Canceled {
		t.Error(err)
	}
}

func TestConnect(t *testing.T) {
	s := serveTest(t, &http.Server{Handler: newRPCs()}, http2.Options{})
	for name, option := range map[string]connect.ClientOption{
		"connect": connect.WithProtoJSON(), "gRPC": connect.WithGRPC(), "gRPC-Web": connect.WithGRPCWeb(),
	} {
		t.Run(name, func(t *testing.T) {
			client := connect.NewClient[text, text](plainClient(t), "http://"+s.addr+"/test.Test/Unary", option)
			for _, size := range []int{0, 10, 20_000, 1 << 20} {
				sent := strings.Repeat("x", size)
				got, err := client.CallUnary(t.Context(), connect.NewRequest(&text{Value: sent}))
				if err != nil || got.Msg.Value != sent {
					t.Errorf("%d bytes: %v", size, err)
				}
			}
			if _, err := client.CallUnary(t.Context(), connect.NewRequest(&text{Value: "fail"})); connect.CodeOf(err) != connect.CodeNotFound {
				t.Error(err)
			}
			bidi := connect.NewClient[text, text](plainClient(t), "http://"+s.addr+"/test.Test/Bidi", option)
			stream := bidi.CallBidiStream(t.Context())
			for i := range 100 {
				if err := stream.Send(&text{Value: fmt.Sprint(i)}); err != nil {
					t.Fatal(err)
				}
				got, err := stream.Receive()
				if err != nil || got.Value != fmt.Sprint(i) {
					t.Fatal(err, got)
				}
			}
			if err := stream.CloseRequest(); err != nil {
				t.Error(err)
			}
			if _, err := stream.Receive(); !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			_ = stream.CloseResponse()
		})
	}
}
