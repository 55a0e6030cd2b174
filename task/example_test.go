package task_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"

	"github.com/taskscheduler/taskscheduler/task"
)

// answer runs a task as a server would, and returns what its caller sees.
func answer(t *task.Task, args ...task.Value) string {
	v, err := t.Run(context.Background(), args)
	if err != nil {
		e := task.ErrorOf(err)
		return e.Code.String() + " " + e.Message
	}
	return v.String()
}

// Greet is a function like any other; the line above it is what makes it a task:
//
//	var _ = task.Sync(Greet)
func Greet(name string, title *string) string {
	if title != nil {
		name = *title + " " + name
	}
	return "Hello, " + name
}

// ExampleNewSync makes a task without registering it: Sync does both, in one line
// above the function.
func ExampleNewSync() {
	t, err := task.NewSync(Greet)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(t.Name + t.Signature)
	fmt.Println(answer(t, task.String("Jane")))
	fmt.Println(answer(t, task.String("Jane"), task.String("Dr.")))
	fmt.Println(answer(t, task.Int32(7)))
	// Output:
	// greet(arg1: string, arg2: string?) -> string
	// Hello, Jane
	// Hello, Dr. Jane
	// INVALID_ARGUMENT greet(arg1: string, arg2: string?) -> string: argument 1 is an int32
}

// ExampleNewAsync takes a struct for a map, and waits on its context.
func ExampleNewAsync() {
	type order struct {
		Customer string
		Items    []string
	}
	submit := func(ctx context.Context, o order) (map[string]any, error) {
		if ctx.Err() != nil { // cancelled, or out of time
			return nil, ctx.Err()
		}
		return map[string]any{"items": len(o.Items), "for": strings.ToUpper(o.Customer)}, nil
	}
	t, err := task.NewAsync(submit, task.Name("submit"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer(t, task.MapOf(map[string]task.Value{
		"customer": task.String("Jane"),
		"items":    task.ListOf(task.String("pen"), task.String("ink")),
	})))
	// Output: {"for":"JANE","items":2}
}

// ExampleErrorf tells the client that it was at fault, rather than the task.
func ExampleErrorf() {
	divide := func(a, b float64) (float64, error) {
		if b == 0 {
			return 0, task.Errorf(task.InvalidArgument, "can't divide %v by zero", a)
		}
		return a / b, nil
	}
	t, err := task.NewSync(divide, task.Name("divide"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer(t, task.Int32(1), task.Double(4)))
	fmt.Println(answer(t, task.Int32(1), task.Int32(0)))
	// Output:
	// 0.25
	// INVALID_ARGUMENT can't divide 1 by zero
}

// ExampleValueOf makes values of Go's, as clients send them.
func ExampleValueOf() {
	for _, x := range []any{7, 1 << 40, 0.5, "text", []int{1, 2}, map[string]bool{"yes": true}} {
		v, err := task.ValueOf(x)
		fmt.Println(v.Kind(), v, err)
	}
	// Output:
	// int32 7 <nil>
	// int64 1099511627776 <nil>
	// double 0.5 <nil>
	// string text <nil>
	// list [1,2] <nil>
	// map {"yes":true} <nil>
}

// ExampleValue_As takes a number for another kind's, if nothing is lost.
func ExampleValue_As() {
	five, err := task.Double(5).As(task.KindInt32)
	fmt.Println(five.Kind(), five, err)
	_, err = task.Double(5.5).As(task.KindInt32)
	fmt.Println("it", err)
	// Output:
	// int32 5 <nil>
	// it is the double 5.5, which an int32 can't hold
}

// printer is a reporter that prints what it is told; a server's keeps it.
type printer struct{}

func (printer) Progress(_ int, fraction float64, note string) { fmt.Println(fraction, note) }

func (printer) Log(attempt int, level slog.Level, text string) {
	fmt.Printf("attempt %d, %s: %s\n", attempt, level, text)
}

// ExampleProgress is a task that says how far it is, and logs.
func ExampleProgress() {
	measure := func(ctx context.Context, samples int32) (int32, error) {
		log := task.Logger(ctx)
		for n := range samples {
			task.Progress(ctx, float64(n)/float64(samples), "measuring")
		}
		log.Info("measured", "samples", samples)
		return samples, nil
	}
	t, err := task.NewAsync(measure, task.Name("measure"))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := task.WithCall(context.Background(), task.Call{ID: "a", Attempt: 1, Reporter: printer{}}) // as a server does
	_, err = t.Run(ctx, []task.Value{task.Int32(2)})
	fmt.Println(err)
	// Output:
	// 0 measuring
	// 0.5 measuring
	// attempt 1, INFO: measured samples=2
	// <nil>
}
