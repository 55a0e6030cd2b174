package client_test

import (
	"context"
	"fmt"
	"sync"

	"github.com/taskscheduler/taskscheduler/client"
)

// Many goroutines share a stream, and each waits for its own task.
func ExampleClient_Stream() {
	addr, stop := runServer()
	defer stop()
	c, err := client.New(client.Config{Addr: addr})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()

	stream, err := c.Stream(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	sums := make([]string, 3)
	var callers sync.WaitGroup
	for i := range sums {
		callers.Go(func() {
			result, err := stream.RunTask(ctx, client.Task{Method: "add", Args: []any{i, 10}})
			if err == nil {
				sums[i] = result.Text
			}
		})
	}
	callers.Wait()
	fmt.Println(sums, stream.Close())
	// Output: [10 11 12] <nil>
}

// One goroutine can keep a stream busy: answers come to a function.
func ExampleStream_Submit() {
	addr, stop := runServer()
	defer stop()
	c, err := client.New(client.Config{Addr: addr})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()

	stream, err := c.Stream(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	done, failed := 0, 0
	for i := range 1000 {
		err := stream.Submit(ctx, client.Task{Method: "fibonacci", Args: []any{i % 100}}, func(_ client.Result, err error) {
			if done++; err != nil {
				failed++
			}
		})
		if err != nil {
			fmt.Println(err)
			return
		}
	}
	err = stream.Close() // waits for the answers
	fmt.Println(done, failed, err)
	// Output: 1000 60 <nil>
}

// Tasks that depend on one another are submitted in one call.
func ExampleClient_Batch() {
	addr, stop := runServer()
	defer stop()
	c, err := client.New(client.Config{Addr: addr})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()

	results, err := c.Batch(context.Background(), []client.Task{
		{Method: "echo_string", Deps: []string{"sum", "f20"}, InjectResults: true},
		{ID: "sum", Method: "add", Args: []any{1, 2, 3}},
		{ID: "f20", Method: "fibonacci", Args: []any{20}},
	})
	if err != nil {
		fmt.Println(err) // none of them was admitted
		return
	}
	fmt.Println(results[0].Text, results[0].Err())
	// Output: 6,6765 <nil>
}

// Watch tells what a task says of itself while it runs.
func ExampleClient_Watch() {
	addr, stop := runServer()
	defer stop()
	c, err := client.New(client.Config{Addr: addr})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer c.Close()
	ctx := context.Background()

	id, err := c.Submit(ctx, client.Task{Method: "fibonacci", Args: []any{30}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for event, err := range c.Watch(ctx, id) {
		switch {
		case err != nil:
			fmt.Println(err)
		case event.Progress != nil:
			fmt.Printf("%.0f %% %s\n", 100*event.Progress.Fraction, event.Progress.Note)
		case event.Log != nil:
			fmt.Println(event.Log.Level, event.Log.Text)
		case event.Ended != nil:
			fmt.Println(event.Ended.State, event.Ended.Text)
		}
	}
	// Output: SUCCESS 832040
}
