package client_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/task"
)

// A task that waits for others can have their results before its own arguments.
func ExampleTask_dependencies() {
	addr, stop := runServer()
	defer stop()
	c, err := client.New(client.Config{Addr: addr})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()

	first, err := c.Submit(ctx, client.Task{Method: "fibonacci", Args: []any{30}})
	if err != nil {
		fmt.Println(err)
		return
	}
	result, err := c.RunTask(ctx, client.Task{Method: "ping", Deps: []string{first}, InjectResults: true})
	fmt.Println(result.Text, err)
	// Output: pong: 832040 <nil>
}

// A server tells what its methods take and do.
func ExampleClient_Describe() {
	addr, stop := runServer()
	defer stop()
	c, err := client.New(client.Config{Addr: addr})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()

	add, err := c.Describe(ctx, "add")
	fmt.Println(add.Method+add.Signature, err)
	_, err = c.Describe(ctx, "ad")
	fmt.Println(err)
	// Output:
	// add(numbers: int32...) -> int32 <nil>
	// Method not found: ad (nearest: add)
}

// Anyone who knows a task's id may cancel it.
func ExampleClient_Cancel() {
	addr, stop := runServer()
	defer stop()
	c, err := client.New(client.Config{Addr: addr})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()

	// It waits for a task that nobody has submitted yet.
	id, err := c.Submit(ctx, client.Task{Method: "ping", Deps: []string{"later"}, DependencyTimeout: time.Minute})
	if err != nil {
		fmt.Println(err)
		return
	}
	cancelled, state, err := c.Cancel(ctx, id)
	fmt.Println(cancelled, state, err)
	// Output: true CANCELLED <nil>
}

// Over TLS a client needs the authorities of the server's certificate, unless
// the system knows them.
func ExampleConfig_tls() { //nolint:testableexamples // the server and the file are the reader's
	authorities, err := os.ReadFile("ca.pem")
	if err != nil {
		fmt.Println(err)
		return
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(authorities)
	c, err := client.New(client.Config{
		Addr: "tasks.example.org:50051",
		TLS:  &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	fmt.Println(c.Run(context.Background(), "ping"))
}

// A result can be any Go type that it fits: a list is a slice, a map a struct.
func ExampleCall() {
	addr, stop := runServer()
	defer stop()
	c, err := client.New(client.Config{Addr: addr})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()

	sum, err := client.Call[int](ctx, c, "add", 1, 2, 3)
	fmt.Println(sum+1, err)
	_, err = client.Call[int](ctx, c, "ping")
	fmt.Println(errors.Unwrap(err))
	_, err = client.Call[int](ctx, c, "fibonacci", -1)
	failure, _ := errors.AsType[*task.Error](err)
	fmt.Println(failure.Code)
	// Output:
	// 7 <nil>
	// decode a result into int: it is the text "pong"
	// INVALID_ARGUMENT
}
