// Call runs a task of a server, as any program may:
//
//	go run ./examples/call
package main

import (
	"cmp"
	"context"
	"fmt"
	"os"

	"github.com/taskscheduler/taskscheduler/client"
)

func main() {
	addr := cmp.Or(os.Getenv("TASK_SCHEDULER_SERVER"), "127.0.0.1:50051")
	if err := call(context.Background(), addr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func call(ctx context.Context, addr string) error {
	c, err := client.New(client.Config{Addr: addr})
	if err != nil {
		return err
	}
	defer c.Close()
	sum, err := c.Run(ctx, "add", 1, 2, 3)
	if err != nil {
		return err
	}
	fmt.Println(sum)
	return nil
}
