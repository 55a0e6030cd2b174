package client

import (
	"context"
	"encoding"
	"reflect"

	"github.com/taskscheduler/taskscheduler/task"
)

// Call runs a task and returns its result as a T, which [Result.Decode] says
// how to fill.
func Call[T any](ctx context.Context, c *Client, method string, args ...any) (T, error) {
	var value T
	result, err := c.RunTask(ctx, Task{Method: method, Args: args, TypedResult: needsValue(reflect.TypeFor[T]())})
	if err == nil {
		err = failureOf(method, result.ID, result.Decode(&value))
	}
	return value, err
}

// Await waits until a task has ended, as [Client.Wait] does, and returns its
// result as a T.
func Await[T any](ctx context.Context, c *Client, id string) (T, error) {
	var value T
	result, err := c.wait(ctx, id, needsValue(reflect.TypeFor[T]()))
	if err == nil {
		err = result.Decode(&value)
	}
	return value, failureOf("", id, err)
}

// needsValue says whether a result has to come as a value to be decoded exactly.
// The text of a number or a string says as much, in fewer bytes.
func needsValue(t reflect.Type) bool {
	switch kind := t.Kind(); {
	case t == reflect.TypeFor[task.Value]():
		return true
	case kind <= reflect.Float64, kind == reflect.String, isBytes(t):
		return false
	default:
		return !reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
	}
}

func isBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8
}

// Decode stores the result of a task that succeeded in what to points to: its text
// in a string or []byte; anything else as [task.Value.Decode] does with a result
// that came as a value, and [task.DecodeText] with one that came as text alone. Of
// a task that did not succeed it returns what [Result.Err] does, or that it has not
// ended. What does not fit is an INVALID_ARGUMENT.
func (r Result) Decode(to any) error {
	if err := r.Err(); err != nil {
		return err
	}
	if r.State != StateSuccess {
		return task.Errorf(task.FailedPrecondition, "the task has no result yet: it is %v", r.State)
	}
	t := reflect.TypeOf(to)
	if r.Value.Kind() == task.KindNull || t != nil && t.Kind() == reflect.Pointer && !needsValue(t.Elem()) {
		return task.DecodeText(r.Text, to)
	}
	return r.Value.Decode(to)
}
