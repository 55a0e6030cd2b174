package client

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"

	"github.com/taskscheduler/taskscheduler/task"
)

// Call runs a task and returns its result as a T, which [Result.Decode] says
// how to fill.
func Call[T any](ctx context.Context, c *Client, method string, args ...any) (T, error) {
	var value T
	result, err := c.RunTask(ctx, Task{Method: method, Args: args})
	if err == nil {
		err = failureOf(method, result.ID, result.Decode(&value))
	}
	return value, err
}

// Decode stores the result of a task that succeeded in what to points to: text
// in a string or []byte, a number or bool in one of Go's that holds it exactly,
// and lists and maps, which are JSON, as [json.Unmarshal] does. Of a task that
// did not succeed it returns what [Result.Err] does, or that it has not ended.
// What does not fit is an INVALID_ARGUMENT.
func (r Result) Decode(to any) error {
	if err := r.Err(); err != nil {
		return err
	}
	if r.State != StateSuccess {
		return task.Errorf(task.FailedPrecondition, "the task has no result yet: it is %v", r.State)
	}
	pointer := reflect.ValueOf(to)
	if pointer.Kind() != reflect.Pointer || pointer.IsNil() {
		return task.Errorf(task.InvalidArgument, "decode a result: want a pointer, got %T", to)
	}
	if err := decodeText(r.Text, pointer.Elem()); err != nil {
		return task.Errorf(task.InvalidArgument, "the result is no %v: %w", pointer.Type().Elem(), err)
	}
	return nil
}

// decodeText does the opposite of [task.Value.Text].
func decodeText(text string, to reflect.Value) error {
	switch kind := to.Kind(); {
	case kind == reflect.String:
		to.SetString(text)
	case kind == reflect.Slice && to.Type().Elem().Kind() == reflect.Uint8:
		to.SetBytes([]byte(text))
	case kind == reflect.Bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q", text)
		}
		to.SetBool(b)
	case to.CanInt():
		i, err := strconv.ParseInt(text, 10, to.Type().Bits())
		to.SetInt(i)
		return err
	case to.CanUint():
		u, err := strconv.ParseUint(text, 10, to.Type().Bits())
		to.SetUint(u)
		return err
	case to.CanFloat():
		f, err := strconv.ParseFloat(text, to.Type().Bits())
		to.SetFloat(f)
		return err
	default:
		return json.Unmarshal([]byte(text), to.Addr().Interface())
	}
	return nil
}
