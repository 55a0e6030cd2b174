package server

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
)

func echo(tb testing.TB, size int) *pb.TaskRequest {
	tb.Helper()
	return &pb.TaskRequest{Method: "echo_string", Args: []*anypb.Any{pack(tb, wrapperspb.String(strings.Repeat("x", size)))}}
}

func TestMessageLimit(t *testing.T) {
	s := listenTest(t, Config{MaxMessageBytes: 100_000})
	serve(t, s)
	conn := dialGRPC(t, s.Addr(), nil)
	if response, err := submit(t.Context(), conn, echo(t, 90_000)); err != nil || len(response.GetResult()) != 90_000 {
		t.Errorf("a message within the limit: %d bytes, %v", len(response.GetResult()), err)
	}
	if _, err := submit(t.Context(), conn, echo(t, 100_000)); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("a message beyond the limit: %v", err)
	}
	// The size after decompression counts.
	client := newConnect(newTransport(t, 1, nil), baseURL(s.Addr(), false), connect.WithSendGzip())
	if _, err := client.SubmitTask(t.Context(), echo(t, 1_000_000)); connect.CodeOf(err) != connect.CodeResourceExhausted {
		t.Errorf("a compressed message beyond the limit: %v", err)
	}
}

func TestLargestMessageOfDefaultLimits(t *testing.T) {
	s := listenTest(t, Config{})
	serve(t, s)
	const size = 4<<20 - 10_000
	response, err := submit(t.Context(), dialGRPC(t, s.Addr(), nil), echo(t, size))
	if err != nil || len(response.GetResult()) != size {
		t.Errorf("got %d bytes, %v", len(response.GetResult()), err)
	}
}

func TestHeaderLimit(t *testing.T) {
	s := listenTest(t, Config{MaxHeaderBytes: 10_000})
	serve(t, s)
	request, err := http.NewRequest(http.MethodGet, baseURL(s.Addr(), false), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Large", strings.Repeat("x", 20_000))
	response, err := newTransport(t, 1, nil).Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if readAll(t, response); response.StatusCode != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("HTTP/1: %s", response.Status)
	}

	conn := dialGRPC(t, s.Addr(), nil)
	if _, err := submit(t.Context(), conn, addition(t)); err != nil {
		t.Fatal(err) // the client knows the limit from here on
	}
	large := metadata.AppendToOutgoingContext(t.Context(), "large", strings.Repeat("x", 20_000))
	if response, err := submit(large, conn, addition(t)); err == nil {
		t.Errorf("HTTP/2: a large header was accepted: %v", response)
	}
	if _, err := submit(t.Context(), conn, addition(t)); err != nil {
		t.Errorf("the connection is of no use after a large header: %v", err)
	}
}

func TestStreamLimit(t *testing.T) {
	hold := newHolder(t)
	s := listenTest(t, Config{Tasks: hold.tasks, MaxConcurrentStreams: 2})
	serve(t, s)
	conn := dialGRPC(t, s.Addr(), nil)
	if _, err := submit(t.Context(), conn, addition(t)); err != nil {
		t.Fatal(err)
	}
	held := make(chan error, 2)
	for range 2 {
		go func() {
			_, err := submit(t.Context(), conn, &pb.TaskRequest{Method: "hold"})
			held <- err
		}()
		<-hold.started
	}
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := submit(short, conn, addition(t)); status.Code(err) != codes.DeadlineExceeded {
		t.Errorf("a third call beside two: %v, want it to wait", err)
	}
	if _, err := submit(t.Context(), dialGRPC(t, s.Addr(), nil), addition(t)); err != nil {
		t.Errorf("a call on another connection: %v", err)
	}
	hold.release()
	for range 2 {
		if err := <-held; err != nil {
			t.Error(err)
		}
	}
	if _, err := submit(t.Context(), conn, addition(t)); err != nil {
		t.Errorf("a call after the two: %v", err)
	}
}

func TestIdleConnectionsAreClosed(t *testing.T) {
	s := listenTest(t, Config{IdleTimeout: 20 * time.Millisecond})
	serve(t, s)
	conn, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET / HTTP/1.1\r\nHost: test\r\n\r\n")
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	readAll(t, response)
	if _, err := reader.ReadByte(); err != io.EOF {
		t.Errorf("the idle connection gave %v, want its end", err)
	}
}

// The time for a request's body is not the time for its answer: calls that began before
// are held until slow bodies are cut off.
func TestSlowBodiesAreCutOffButLongPollsAreNot(t *testing.T) {
	hold := newHolder(t)
	s := listenTest(t, Config{Tasks: hold.tasks})
	s.clients.http.ReadTimeout = 5 * time.Second // in which a busy machine reads what came
	serve(t, s)
	var held, slow sync.WaitGroup
	for version := 1; version <= 2; version++ {
		for name, options := range map[string][]connect.ClientOption{"connect": nil, "grpc-web": {connect.WithGRPCWeb()}} {
			client := newConnect(newTransport(t, version, nil), baseURL(s.Addr(), false), options...)
			held.Go(func() {
				response, err := client.SubmitTask(t.Context(), &pb.TaskRequest{Method: "hold"})
				if err != nil || response.GetResult() != "held" {
					t.Errorf("%s over HTTP %d: a long call got %v, %v", name, version, response, err)
				}
			})
			<-hold.started
		}
	}
	for version := 1; version <= 2; version++ {
		client := newTransport(t, version, nil)
		slow.Go(func() {
			body, never := io.Pipe()
			defer never.Close()
			response, err := client.Post(
				baseURL(s.Addr(), false)+taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, "application/json", body)
			if err != nil {
				return
			}
			defer response.Body.Close()
			if response.StatusCode == http.StatusOK {
				t.Errorf("HTTP %d: a body that never came was answered with %s", version, response.Status)
			}
		})
	}
	slow.Wait()
	hold.release()
	held.Wait()
}
