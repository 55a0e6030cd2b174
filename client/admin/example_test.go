package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	_ "github.com/taskscheduler/taskscheduler/builtin" // its tasks
	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/server"
)

// runServer runs a server with the built-in tasks, as task-scheduler does, and
// returns a client for those who run tasks and one for operators.
func runServer() (tasks *client.Client, operator *admin.Client, stop func()) {
	s, err := server.Listen(server.Config{
		Addr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(ctx)
	}()
	tasks, err = client.New(client.Config{Addr: s.Addr().String()})
	if err != nil {
		panic(err)
	}
	operator, err = admin.New(admin.Config{Addr: s.AdminAddr().String()}) // for instance 127.0.0.1:50052
	if err != nil {
		panic(err)
	}
	return tasks, operator, func() {
		tasks.Close()
		operator.Close()
		cancel()
		<-done
	}
}

func Example() {
	tasks, operator, stop := runServer() // yours runs elsewhere
	defer stop()
	ctx := context.Background()

	_, _ = tasks.Run(ctx, "add", 1, 2, 3)
	_, _ = tasks.Run(ctx, "add", "one")
	list, _ := operator.Tasks(ctx, "", "")
	for _, t := range list {
		if t.Calls > 0 {
			fmt.Printf("%s: %d calls, %d of them failed\n", t.Name, t.Calls, t.Failures)
		}
	}
	// Output:
	// add: 2 calls, 1 of them failed
}

// Why did it fail? The server keeps the last executions, and the last failures
// for longer.
func ExampleClient_Executions() {
	tasks, operator, stop := runServer()
	defer stop()
	ctx := context.Background()

	_, _ = tasks.Run(ctx, "add", "one")
	failed, err := operator.Executions(ctx, admin.Filter{States: []string{"failed"}, Limit: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range failed.Executions {
		fmt.Println(x.Method, x.Code, x.Message)
	}
	// Output:
	// add INVALID_ARGUMENT add(numbers: int32...) -> int32: argument 1 is a string
}

// While a server drains it takes no new tasks; those that it has go on.
func ExampleClient_Drain() {
	tasks, operator, stop := runServer()
	defer stop()
	ctx := context.Background()

	left, err := operator.Drain(ctx, "")
	fmt.Println("left:", left, err)
	status, _ := operator.Status(ctx)
	fmt.Println("draining:", status.Draining)

	_ = operator.Resume(ctx, "")
	sum, err := tasks.Run(ctx, "add", 1, 2, 3)
	fmt.Println(sum, err)
	// Output:
	// left: 0 <nil>
	// draining: true
	// 6 <nil>
}

// Events are told as they happen; an error of the function that takes them ends
// the watching.
func ExampleClient_Watch() {
	_, operator, stop := runServer()
	defer stop()
	ctx := context.Background()

	errEnough := errors.New("enough")
	begun := func() { _, _ = operator.SetLogLevel(ctx, "debug"); _, _ = operator.Drain(ctx, "") }
	err := operator.Watch(ctx, []string{"draining"}, begun, func(event admin.Event) error {
		fmt.Println(event.Kind, "-", event.Message)
		return errEnough
	})
	fmt.Println(err)
	// Output:
	// draining - new tasks are refused
	// enough
}

// The structs that a client returns have a JSON form, which is that of task-scheduler admin
// --json. Times are in UTC, and how long something took is in seconds.
func ExampleDuration() {
	text, err := json.Marshal(admin.Latency{Mean: admin.Duration{Duration: 250_000_000}})
	fmt.Println(string(text), err)
	// Output:
	// {"mean_seconds":0.25,"p50_seconds":0,"p99_seconds":0,"max_seconds":0} <nil>
}
