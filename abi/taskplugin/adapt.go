package taskplugin

import (
	"fmt"
	"math"
	"reflect"
)

var (
	callType  = reflect.TypeFor[*Call]()
	errorType = reflect.TypeFor[error]()
)

// adapt makes a task's function one that takes its arguments in a list.
func adapt(name string, run any) function {
	if f, ok := run.(func(*Call, []any) (any, error)); ok {
		return f
	}
	f := reflect.ValueOf(run)
	if !f.IsValid() || f.Kind() != reflect.Func || f.IsNil() {
		panic(fmt.Sprintf("taskplugin: %s: want a function, got a %T", name, run))
	}
	t := f.Type()
	withCall := t.NumIn() > 0 && t.In(0) == callType
	withError := t.NumOut() > 0 && t.Out(t.NumOut()-1) == errorType
	if results := t.NumOut(); results > 2 || results == 2 && !withError {
		panic(fmt.Sprintf("taskplugin: %s: want a function that returns a result, an error, or both, got %T", name, run))
	}
	return func(c *Call, args []any) (any, error) {
		in, err := arguments(t, withCall, c, args)
		if err != nil {
			return nil, err
		}
		return results(f.Call(in), withError)
	}
}

// arguments returns what a function of type t is to be called with.
func arguments(t reflect.Type, withCall bool, c *Call, args []any) ([]reflect.Value, error) {
	var in []reflect.Value
	if withCall {
		in = append(in, reflect.ValueOf(c))
	}
	first := len(in)
	fixed := t.NumIn() - first
	if t.IsVariadic() {
		fixed--
	}
	if len(args) < fixed || len(args) > fixed && !t.IsVariadic() {
		return nil, BadArguments("want %d arguments, got %d", fixed, len(args))
	}
	for i, arg := range args {
		want := t.In(min(first+i, t.NumIn()-1))
		if i >= fixed {
			want = want.Elem() // of the variadic one
		}
		v, err := convert(arg, want)
		if err != nil {
			return nil, BadArguments("argument %d: %w", i+1, err)
		}
		in = append(in, v)
	}
	return in, nil
}

func results(out []reflect.Value, withError bool) (result any, err error) {
	if withError {
		err, _ = reflect.TypeAssert[error](out[len(out)-1])
		out = out[:len(out)-1]
	}
	if len(out) == 1 {
		result = out[0].Interface()
	}
	return result, err
}

// convert returns an argument as a value of another type, where that holds it
// exactly.
func convert(arg any, want reflect.Type) (reflect.Value, error) {
	from := reflect.ValueOf(arg)
	switch {
	case arg == nil:
		if kind := want.Kind(); kind == reflect.Interface || kind == reflect.Slice || kind == reflect.Map {
			return reflect.Zero(want), nil
		}
	case from.Type().AssignableTo(want):
		to := reflect.New(want).Elem() // an interface stays one
		to.Set(from)
		return to, nil
	case want.Kind() == reflect.Slice && from.Kind() == reflect.Slice:
		return convertList(from, want)
	case want.Kind() == reflect.Map && from.Kind() == reflect.Map && from.Type().Key().ConvertibleTo(want.Key()):
		return convertMap(from, want)
	case isNumber(from.Kind()) && isNumber(want.Kind()):
		if v := from.Convert(want); isExactly(v, from) {
			return v, nil
		}
	case from.Kind() == want.Kind():
		return from.Convert(want), nil
	}
	return reflect.Value{}, fmt.Errorf("want a %s, got a %T", want, arg)
}

func convertList(from reflect.Value, want reflect.Type) (reflect.Value, error) {
	to := reflect.MakeSlice(want, from.Len(), from.Len())
	for i := range from.Len() {
		item, err := convert(from.Index(i).Interface(), want.Elem())
		if err != nil {
			return to, fmt.Errorf("item %d: %w", i+1, err)
		}
		to.Index(i).Set(item)
	}
	return to, nil
}

func convertMap(from reflect.Value, want reflect.Type) (reflect.Value, error) {
	to := reflect.MakeMapWithSize(want, from.Len())
	for _, key := range from.MapKeys() {
		field, err := convert(from.MapIndex(key).Interface(), want.Elem())
		if err != nil {
			return to, fmt.Errorf("%q: %w", key, err)
		}
		to.SetMapIndex(key.Convert(want.Key()), field)
	}
	return to, nil
}

// isExactly tells whether a number that was made of another one is the same.
func isExactly(made, from reflect.Value) bool {
	return made.Convert(from.Type()).Equal(from) && isNegative(made) == isNegative(from) && !exceeds(from, made.Type())
}

// isNegative: there and back again a whole number is what it was, whatever its
// highest bit says between.
func isNegative(v reflect.Value) bool {
	return v.CanInt() && v.Int() < 0 || v.CanFloat() && v.Float() < 0
}

// exceeds tells of a fraction that is too large for a whole number: what its
// conversion gives then is up to the processor.
func exceeds(from reflect.Value, want reflect.Type) bool {
	if !from.CanFloat() || want.Kind() >= reflect.Float32 {
		return false
	}
	bits := want.Bits()
	if want.Kind() <= reflect.Int64 {
		bits--
	}
	return from.Float() >= math.Ldexp(1, bits)
}

func isNumber(kind reflect.Kind) bool {
	return kind >= reflect.Int && kind <= reflect.Float64 && kind != reflect.Uintptr
}
