package client_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// runServer runs a server with the built-in tasks, as task-scheduler does.
func runServer() (addr string, stop func()) {
	s, err := server.Listen(server.Config{Addr: "127.0.0.1:0", AdminAddr: "off", Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Serve(ctx)
	}()
	return s.Addr().String(), func() {
		cancel()
		<-done
	}
}

func Example() {
	addr, stop := runServer() // yours runs elsewhere
	defer stop()

	c, err := client.New(client.Config{Addr: addr})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	sum, err := c.Run(ctx, "add", 1, 2, 3)
	fmt.Println(sum, err)

	_, err = c.Run(ctx, "add", "one")
	if failure, ok := errors.AsType[*task.Error](err); ok {
		fmt.Println(failure.Code, failure.Message)
	}
	// Output:
	// 6 <nil>
	// INVALID_ARGUMENT add(numbers: int32...) -> int32: argument 1 is a string
}

// A task that takes long is left to run; its result is asked for by id.
func ExampleClient_Submit() {
	addr, stop := runServer()
	defer stop()
	c, err := client.New(client.Config{Addr: addr})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()

	id, err := c.Submit(ctx, client.Task{Method: "fibonacci", Args: []any{50}, ExecutionTimeout: time.Minute})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := c.Wait(ctx, id)
	fmt.Println(result.State, result.Text, err)
	// Output: SUCCESS 12586269025 <nil>
}
