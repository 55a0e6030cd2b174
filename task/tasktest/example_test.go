package tasktest_test //nolint:testableexamples // its tests print nothing

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
	"github.com/taskscheduler/taskscheduler/task/tasktest"
)

// Discount is the task that the tests below are for.
func Discount(ctx context.Context, percent int32, prices ...float64) ([]float64, error) {
	if percent < 0 || percent > 100 {
		return nil, task.Errorf(task.InvalidArgument, "%d %% is no discount", percent)
	}
	for i := range prices {
		task.Progress(ctx, float64(i+1)/float64(len(prices)), "")
		prices[i] *= float64(100-percent) / 100
	}
	return prices, nil
}

// In a package of one's own this is TestDiscount.
func testDiscount(t *testing.T) { //nolint:thelper // a test, by a name that lets this file be an example
	outcome := tasktest.Run(t, Discount, 50, 10, 20.5)
	var prices []float64
	if err := outcome.Decode(&prices); err != nil || len(prices) != 2 || prices[1] != 10.25 {
		t.Errorf("got %v, %v, want 5 and 10.25", prices, err)
	}
	if n := len(outcome.Progress); n != 2 {
		t.Errorf("it said %d times how far it is, want 2", n)
	}
	if outcome := tasktest.Run(t, Discount, 101); outcome.Code != task.InvalidArgument {
		t.Errorf("101 %%: got %v, want INVALID_ARGUMENT", outcome.Err())
	}
}

// Poll waits for something that may take an hour.
func Poll(ctx context.Context) error {
	for {
		select {
		case <-time.After(time.Minute):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// In a bubble of synctest an hour is over at once.
func testPoll(t *testing.T) { //nolint:thelper // a test, by a name that lets this file be an example
	synctest.Test(t, func(t *testing.T) {
		outcome := tasktest.RunTask(t.Context(), t, Poll, client.Task{ExecutionTimeout: time.Hour})
		if !errors.Is(outcome.Err(), context.DeadlineExceeded) {
			t.Errorf("got %v, want its timeout", outcome.Err())
		}
	})
}

// Total is of a program that calls tasks.
func Total(ctx context.Context, c *client.Client, prices ...any) (total float64, err error) {
	reduced, err := client.Call[[]float64](ctx, c, "discount", append([]any{10}, prices...)...)
	for _, price := range reduced {
		total += price
	}
	return total, err
}

// A program is tested with tasks that say what the test wants.
func testTotal(t *testing.T) { //nolint:thelper // a test, by a name that lets this file be an example
	c := tasktest.Fake(t, map[string]any{"discount": []float64{1, 2}})
	if total, err := Total(t.Context(), c, 5); err != nil || total != 3 {
		t.Errorf("got %v, %v, want 3", total, err)
	}
	c = tasktest.Fake(t, map[string]any{"discount": task.Errorf(task.FailedPrecondition, "closed on Sundays")})
	if _, err := Total(t.Context(), c, 5); task.ErrorOf(err).Code != task.FailedPrecondition {
		t.Errorf("got %v, want FAILED_PRECONDITION", err)
	}
}

// Or with the tasks themselves, and all that lies between.
func testWhole(t *testing.T) { //nolint:thelper // a test, by a name that lets this file be an example
	discount, err := task.NewSync(Discount)
	if err != nil {
		t.Fatal(err)
	}
	tasks := new(task.Registry)
	if err := tasks.Add(discount); err != nil {
		t.Fatal(err)
	}
	c := tasktest.Serve(t, server.Config{Tasks: tasks})
	if total, err := Total(t.Context(), c, 10, 20); err != nil || total != 27 {
		t.Errorf("got %v, %v, want 27", total, err)
	}
}

func Example() {
	// go test runs testDiscount and the others, whose names begin with Test there.
}
