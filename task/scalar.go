package task

import (
	"fmt"
	"reflect"
)

// scalarDecoder returns the decoder for a type that holds no others.
func scalarDecoder(t reflect.Type) (decoder, error) {
	switch t.Kind() {
	case reflect.Bool:
		return scalar(KindBool, Value.Bool, reflect.Value.SetBool), nil
	case reflect.String:
		return scalar(KindString, Value.Str, reflect.Value.SetString), nil
	case reflect.Int32:
		return scalar(KindInt32, Value.Int32, func(to reflect.Value, i int32) { to.SetInt(int64(i)) }), nil
	case reflect.Int64:
		return scalar(KindInt64, Value.Int64, reflect.Value.SetInt), nil
	case reflect.Uint32:
		return scalar(KindUint32, Value.Uint32, func(to reflect.Value, u uint32) { to.SetUint(uint64(u)) }), nil
	case reflect.Uint64:
		return scalar(KindUint64, Value.Uint64, reflect.Value.SetUint), nil
	case reflect.Float32:
		return scalar(KindFloat, Value.Float, func(to reflect.Value, f float32) { to.SetFloat(float64(f)) }), nil
	case reflect.Float64:
		return scalar(KindDouble, Value.Double, reflect.Value.SetFloat), nil
	case reflect.Int:
		return decodeInt, nil
	case reflect.Uint:
		return decodeUint, nil
	case reflect.Interface:
		return nil, fmt.Errorf("%s is an interface; task.Value takes any argument", t)
	default:
		return nil, fmt.Errorf("%s is not a type of the contract", t)
	}
}

func scalar[T any](kind Kind, get func(Value) (T, bool), set func(reflect.Value, T)) decoder {
	return func(v Value, to reflect.Value) error {
		x, err := read(v, kind, get)
		if err == nil {
			set(to, x)
		}
		return err
	}
}

// read returns v as the Go value that get makes of the kind. Get comes first: the
// kind that was asked for is the frequent one.
func read[T any](v Value, kind Kind, get func(Value) (T, bool)) (T, error) {
	x, ok := get(v)
	if ok {
		return x, nil
	}
	converted, err := v.As(kind)
	if err == nil {
		x, _ = get(converted)
	}
	return x, err
}

func decodeBytes(v Value, to reflect.Value) error {
	b, ok := v.Bytes()
	if !ok {
		return another(v)
	}
	to.SetBytes(b)
	return nil
}

// decodeInt takes what an int holds, which has 32 bits on some platforms.
func decodeInt(v Value, to reflect.Value) error {
	i, err := read(v, KindInt64, Value.Int64)
	if err == nil && to.OverflowInt(i) {
		return tooLarge(v, to.Type())
	}
	to.SetInt(i)
	return err
}

// decodeUint takes what a uint holds.
func decodeUint(v Value, to reflect.Value) error {
	u, err := read(v, KindUint64, Value.Uint64)
	if err == nil && to.OverflowUint(u) {
		return tooLarge(v, to.Type())
	}
	to.SetUint(u)
	return err
}

func tooLarge(v Value, t reflect.Type) error {
	return &misfit{problem: fmt.Sprintf("is the %s %s, which %s can't hold", v.kind, v, t)}
}
