package server_test

import (
	"context"
	"fmt"
	"log/slog"
	"os/signal"
	"syscall"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// A program of one's own registers its tasks and serves until it is told to
// stop.
func ExampleRun() { //nolint:testableexamples // it serves until it is told to stop
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	task.Sync(func(name string) string { return "Hello, " + name + "!" }, task.Name("greet"))
	if err := server.Run(ctx, server.Config{Addr: ":50051", MaxPendingTasks: 10_000}); err != nil {
		fmt.Println(err)
	}
}

// Listen tells which port it took, and Serve then serves there. Tasks of a
// registry of its own are seen by this server alone.
func ExampleListen() {
	tasks := new(task.Registry)
	greet, err := task.NewSync(func(name string) string { return "Hello, " + name + "!" }, task.Name("greet"))
	if err != nil {
		fmt.Println(err)
		return
	}
	if err = tasks.Add(greet); err != nil {
		fmt.Println(err)
		return
	}
	s, err := server.Listen(server.Config{
		Tasks: tasks, Addr: "127.0.0.1:0", AdminAddr: "off", Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	served := make(chan error)
	go func() { served <- s.Serve(ctx) }()

	c, err := client.New(client.Config{Addr: s.Addr().String()})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(c.Run(ctx, "greet", "Ada"))
	c.Close()
	stop()
	fmt.Println(<-served)
	// Output:
	// Hello, Ada! <nil>
	// <nil>
}
