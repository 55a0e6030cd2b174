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
)

// adapt checks fn's signature once and makes of it what t lacks: Signature,
// Interruptible and Run, the call that is made for every execution.
func (t *Task) adapt(fn any) error {
	v := reflect.ValueOf(fn)
	switch {
	case v.Kind() != reflect.Func:
		return fmt.Errorf("want a function, not %T", fn)
	case v.IsNil():
		return fmt.Errorf("the %T is nil", fn)
	}
	a := &adapter{fn: v}
	if err := a.checkParameters(v.Type(), t.Async); err != nil {
		return err
	}
	if err := a.checkResults(v.Type()); err != nil {
		return err
	}
	var err error
	if t.Signature, err = signatureOf(v.Type(), t.parameters); err != nil {
		return err
	}
	a.refusal = shortened(t.Name + t.Signature)
	t.Interruptible = a.context
	if t.Run = adaptDirectly(fn, a.refusal); t.Run == nil {
		t.Run = a.call
	}
	return nil
}

// shortened cuts what begins an error: errors travel in headers.
func shortened(signature string) string {
	const longest = 500
	if len(signature) > longest {
		return signature[:longest] + "…" // it is ASCII
	}
	return signature
}

// adaptDirectly adapts the signatures that are frequent or of the simplest kind,
// without reflection; nil for any other.
func adaptDirectly(fn any, refusal string) Func {
	switch fn := fn.(type) {
	case func(context.Context, []Value) (Value, error):
		return fn
	case func([]Value) (Value, error):
		return func(_ context.Context, args []Value) (Value, error) { return fn(args) }
	case func(...int32) (int32, error):
		return variadic(fn, refusal, KindInt32, Value.Int32, Int32)
	case func(...int64) (int64, error):
		return variadic(fn, refusal, KindInt64, Value.Int64, Int64)
	case func(...float64) (float64, error):
		return variadic(fn, refusal, KindDouble, Value.Double, Double)
	case func(...string) (string, error):
		return variadic(fn, refusal, KindString, Value.Str, String)
	}
	return nil
}

func variadic[T any](
	fn func(...T) (T, error), refusal string, kind Kind, from func(Value) (T, bool), to func(T) Value,
) Func {
	return func(_ context.Context, args []Value) (Value, error) {
		in := make([]T, len(args))
		for i, arg := range args {
			var err error
			if in[i], err = read(arg, kind, from); err != nil {
				return Value{}, argumentError(refusal, i, err)
			}
		}
		out, err := fn(in...)
		if err != nil {
			return Value{}, err
		}
		return to(out), nil
	}
}

// argumentError says which argument is wrong, behind what the task takes.
func argumentError(refusal string, index int, err error) error {
	return Errorf(InvalidArgument, "%s: %w", refusal, inside(err, "argument %d", index+1))
}

// adapter calls a function by reflection.
type adapter struct {
	fn       reflect.Value
	refusal  string        // what errors about arguments begin with: name and signature
	context  bool          // the first parameter is a context
	raw      bool          // the only parameter is []Value: all arguments
	params   []parameter   // one for each argument
	required int           // how many arguments must be there
	rest     reflect.Type  // of a variadic parameter's slice, nil when there is none
	restItem decoder       // for each of its items
	noRest   reflect.Value // an empty one, which costs no allocation
	encode   encoder       // nil when there is no result
	fails    bool          // the last result is an error
}

type parameter struct {
	typ    reflect.Type
	decode decoder
}

func (a *adapter) checkParameters(t reflect.Type, async bool) error {
	first := 0
	hasContext := t.NumIn() > 0 && t.In(0) == contextType
	switch {
	case async && !hasContext:
		return errors.New("an async task's first parameter must be a context.Context")
	case hasContext:
		a.context, first = true, 1
	}
	if t.NumIn() == first+1 && t.In(first) == valuesType && !t.IsVariadic() {
		a.raw = true
		return nil
	}
	for i := first; i < t.NumIn(); i++ {
		if err := a.addParameter(t.In(i), t.IsVariadic() && i == t.NumIn()-1); err != nil {
			return fmt.Errorf("parameter %d: %w", i+1, err)
		}
	}
	return nil
}

func (a *adapter) addParameter(t reflect.Type, variadic bool) (err error) {
	if variadic {
		a.rest, a.noRest = t, reflect.MakeSlice(t, 0, 0)
		a.restItem, err = decoderFor(t.Elem())
		return err
	}
	decode, err := decoderFor(t)
	if err != nil {
		return err
	}
	a.params = append(a.params, parameter{t, decode})
	if t.Kind() != reflect.Pointer {
		a.required = len(a.params)
	}
	return nil
}

func (a *adapter) checkResults(t reflect.Type) (err error) {
	n := t.NumOut()
	if n > 0 && t.Out(n-1) == errorType {
		a.fails = true
		n--
	}
	switch {
	case n > 1:
		return errors.New("want at most one result and an error")
	case n == 0:
		return nil
	case t.Out(0).Implements(errorType): // as a *MyError it would never be nil
		return fmt.Errorf("the result is an error: declare it as error, not as %s", t.Out(0))
	}
	if a.encode, err = encoderFor(t.Out(0)); err != nil {
		return fmt.Errorf("result: %w", err)
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
	if a.rest != nil {
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
	return a.encode(out[0])
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
	for i, param := range a.params {
		v := reflect.New(param.typ).Elem()
		if i < len(args) {
			if err := param.decode(args[i], v); err != nil {
				return nil, argumentError(a.refusal, i, err)
			}
		}
		in = append(in, v)
	}
	if a.rest == nil {
		return in, nil
	}
	taken := min(len(a.params), len(args))
	if taken == len(args) {
		return append(in, a.noRest), nil
	}
	rest := reflect.MakeSlice(a.rest, len(args)-taken, len(args)-taken)
	for i, arg := range args[taken:] {
		if err := a.restItem(arg, rest.Index(i)); err != nil {
			return nil, argumentError(a.refusal, taken+i, err)
		}
	}
	return append(in, rest), nil
}

func (a *adapter) checkCount(n int) error {
	least, most := a.required, len(a.params)
	var want string
	switch {
	case n >= least && (n <= most || a.rest != nil):
		return nil
	case a.rest != nil:
		want = "at least " + countOf(least)
	case least < most:
		want = fmt.Sprintf("%d to %d arguments", least, most)
	default:
		want = countOf(most)
	}
	return Errorf(InvalidArgument, "%s: want %s, got %d", a.refusal, want, n)
}

func countOf(arguments int) string {
	if arguments == 1 {
		return "1 argument"
	}
	return fmt.Sprintf("%d arguments", arguments)
}
