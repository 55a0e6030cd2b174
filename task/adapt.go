package task

import (
	"context"
	"errors"
	"fmt"
	"reflect"
)

var (
	contextType = reflect.TypeFor[context.Context]()
	errorType   = reflect.TypeFor[error]()
	valuesType  = reflect.TypeFor[[]Value]()
)

// adapt checks fn's signature once and returns the call that is made for every
// execution.
func adapt(fn any, async bool) (Func, error) {
	switch fn := fn.(type) { // what needs no reflection
	case func([]Value) (Value, error):
		if !async {
			return func(_ context.Context, args []Value) (Value, error) { return fn(args) }, nil
		}
	case func(context.Context, []Value) (Value, error):
		if async {
			return fn, nil
		}
	}
	v := reflect.ValueOf(fn)
	if v.Kind() != reflect.Func || v.IsNil() {
		return nil, fmt.Errorf("want a function, not %T", fn)
	}
	a := &adapter{fn: v}
	if err := a.checkParameters(v.Type(), async); err != nil {
		return nil, err
	}
	if err := a.checkResults(v.Type()); err != nil {
		return nil, err
	}
	return a.call, nil
}

// adapter calls a function by reflection.
type adapter struct {
	fn       reflect.Value
	context  bool      // the first parameter is a context
	raw      bool      // the only parameter is []Value: all arguments
	params   []decoder // one for each argument
	required int       // how many arguments must be there
	variadic decoder   // for the rest, nil when there is no such parameter
	rest     reflect.Type
	encode   encoder // nil when there is no result
	fails    bool    // the last result is an error
}

func (a *adapter) checkParameters(t reflect.Type, async bool) error {
	first := 0
	hasContext := t.NumIn() > 0 && t.In(0) == contextType
	switch {
	case async && !hasContext:
		return errors.New("an async task's first parameter must be a context.Context")
	case !async && hasContext:
		return errors.New("a sync task takes no context.Context; register what waits with task.Async")
	case hasContext:
		a.context, first = true, 1
	}
	if t.NumIn() == first+1 && t.In(first) == valuesType && !t.IsVariadic() {
		a.raw = true
		return nil
	}
	for i := first; i < t.NumIn(); i++ {
		in := t.In(i)
		last := i == t.NumIn()-1
		if last && t.IsVariadic() {
			in = in.Elem()
		}
		d, err := decoderFor(in)
		if err != nil {
			return fmt.Errorf("parameter %d: %w", i+1, err)
		}
		if last && t.IsVariadic() {
			a.variadic, a.rest = d, t.In(i)
			break
		}
		a.params = append(a.params, d)
		if in.Kind() != reflect.Pointer {
			a.required = len(a.params)
		}
	}
	return nil
}

func (a *adapter) checkResults(t reflect.Type) error {
	n := t.NumOut()
	if n > 0 && t.Out(n-1) == errorType {
		a.fails = true
		n--
	}
	if n > 1 {
		return errors.New("want at most one result and an error")
	}
	if n == 1 {
		var err error
		if a.encode, err = encoderFor(t.Out(0)); err != nil {
			return fmt.Errorf("result: %w", err)
		}
	}
	return nil
}

// call is a [Func].
func (a *adapter) call(ctx context.Context, args []Value) (Value, error) {
	in, err := a.arguments(ctx, args)
	if err != nil {
		return Value{}, err
	}
	var out []reflect.Value
	if a.variadic != nil {
		out = a.fn.CallSlice(in)
	} else {
		out = a.fn.Call(in)
	}
	if a.fails {
		if failure := out[len(out)-1]; !failure.IsNil() {
			return Value{}, failure.Interface().(error) //nolint:forcetypeassert // checked at registration
		}
	}
	if a.encode == nil {
		return Value{}, nil
	}
	return a.encode(out[0], 0)
}

func (a *adapter) arguments(ctx context.Context, args []Value) ([]reflect.Value, error) {
	in := make([]reflect.Value, 0, len(a.params)+2)
	if a.context {
		in = append(in, reflect.ValueOf(ctx))
	}
	if a.raw {
		return append(in, reflect.ValueOf(args)), nil
	}
	if err := a.checkCount(len(args)); err != nil {
		return nil, err
	}
	for i, decode := range a.params {
		v := reflect.New(a.fn.Type().In(len(in))).Elem()
		if i < len(args) {
			if err := decode(args[i], v); err != nil {
				return nil, Errorf(InvalidArgument, "argument %d: %w", i+1, err)
			}
		}
		in = append(in, v)
	}
	if a.variadic == nil {
		return in, nil
	}
	n := max(0, len(args)-len(a.params))
	rest := reflect.MakeSlice(a.rest, n, n)
	for i := range n {
		if err := a.variadic(args[len(a.params)+i], rest.Index(i)); err != nil {
			return nil, Errorf(InvalidArgument, "argument %d: %w", len(a.params)+i+1, err)
		}
	}
	return append(in, rest), nil
}

func (a *adapter) checkCount(n int) error {
	switch {
	case n >= a.required && (n <= len(a.params) || a.variadic != nil):
		return nil
	case a.variadic != nil:
		return Errorf(InvalidArgument, "want at least %d arguments, got %d", a.required, n)
	case a.required < len(a.params):
		return Errorf(InvalidArgument, "want %d to %d arguments, got %d", a.required, len(a.params), n)
	default:
		return Errorf(InvalidArgument, "want %d arguments, got %d", a.required, n)
	}
}
