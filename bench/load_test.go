package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
)

const (
	connections = 4
	streams     = 32 // on each connection
)

// A job is what the client's process is asked to do, and a report what it says of it.
type (
	job struct {
		Addr  string
		Calls int64
	}
	report struct {
		Took  time.Duration
		Error string
	}
)

// A load is a client in a process of its own.
type load struct {
	jobs    *json.Encoder
	reports *json.Decoder
}

func startLoad(b *testing.B) *load {
	b.Helper()
	in, out, _ := start(b, "client")
	return &load{jobs: json.NewEncoder(in), reports: json.NewDecoder(out)}
}

// run has the client make so many calls of add(1, 2, 3), and tells how long it took.
func (l *load) run(b *testing.B, addr string, calls int64) time.Duration {
	b.Helper()
	var r report
	if err := errors.Join(l.jobs.Encode(job{Addr: addr, Calls: calls}), l.reports.Decode(&r)); err != nil {
		b.Fatal(err)
	}
	if r.Error != "" {
		b.Fatal(r.Error)
	}
	return r.Took
}

// start starts this binary in a role. It ends when the benchmark does, by the
// end of its standard input.
func start(b *testing.B, role string) (in io.Writer, out io.Reader, pid int) {
	b.Helper()
	command := again(b, roleVariable+"="+role)
	command.Stderr = os.Stderr
	stdin, err := command.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	stdout, err := command.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = stdin.Close()
		_ = command.Wait() // what it has to say is on standard error
	})
	return stdin, stdout, command.Process.Pid
}

// serveLoad is the client's process: it does jobs until there are none.
func serveLoad() error {
	jobs, reports := json.NewDecoder(os.Stdin), json.NewEncoder(os.Stdout)
	servers := make(map[string][]*grpc.ClientConn)
	for {
		var j job
		if err := jobs.Decode(&j); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		if servers[j.Addr] == nil {
			conns, err := dial(j.Addr)
			if err != nil {
				return err
			}
			servers[j.Addr] = conns
		}
		var r report
		began := time.Now()
		if err := callAll(servers[j.Addr], j.Calls); err != nil {
			r.Error = err.Error()
		}
		r.Took = time.Since(began)
		if err := reports.Encode(r); err != nil {
			return err
		}
	}
}

func dial(addr string) ([]*grpc.ClientConn, error) {
	conns := make([]*grpc.ClientConn, connections)
	for i := range conns {
		conn, err := grpc.NewClient("passthrough:///"+addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
		if err != nil {
			return nil, err
		}
		conns[i] = conn
	}
	return conns, nil
}

// callAll makes so many calls, with as many in flight as there are streams.
func callAll(conns []*grpc.ClientConn, calls int64) error {
	var left atomic.Int64
	left.Store(calls)
	errs := make([]error, connections*streams)
	var all sync.WaitGroup
	for i := range errs {
		all.Go(func() { errs[i] = callSome(conns[i%connections], &left) })
	}
	all.Wait()
	return errors.Join(errs...)
}

func callSome(conn *grpc.ClientConn, left *atomic.Int64) error {
	request, err := addition()
	for err == nil && left.Add(-1) >= 0 {
		var response pb.TaskResponse
		err = conn.Invoke(context.Background(), taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure, request, &response)
		if err == nil && response.GetResult() != "6" {
			err = fmt.Errorf("1 + 2 + 3 is %q", response.GetResult())
		}
	}
	return err
}

// addition is the request for add(1, 2, 3).
func addition() (*pb.TaskRequest, error) {
	request := &pb.TaskRequest{Method: "add"}
	for _, number := range []int32{1, 2, 3} {
		argument := new(anypb.Any)
		if err := anypb.MarshalFrom(argument, wrapperspb.Int32(number), proto.MarshalOptions{}); err != nil {
			return nil, err
		}
		request.Args = append(request.Args, argument)
	}
	return request, nil
}
