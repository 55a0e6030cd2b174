// Embed is a service with a task of its own, and nothing else:
//
//	go run ./examples/embed
//	task-scheduler run greet Ada
//
// An import of the builtin package would add the built-in tasks, and cmd.Main
// in place of server.Run the whole command line.
package main

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

var _ = task.Sync(Greet)

// Greet is the task that clients call as "greet".
func Greet(name string) string { return "Hello, " + name + "!" }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := server.Run(ctx, server.Config{
		Addr:      cmp.Or(os.Getenv("ADDR"), "127.0.0.1:50051"),
		AdminAddr: cmp.Or(os.Getenv("ADMIN_ADDR"), "127.0.0.1:50052"), // where operators see and steer it
	})
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
