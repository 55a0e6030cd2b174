package task

import (
	"fmt"
	"math"
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
		return nil, fmt.Errorf("%s is no type of the contract", t)
	}
}

func scalar[T any](kind Kind, get func(Value) (T, bool), set func(reflect.Value, T)) decoder {
	return func(v Value, to reflect.Value) error {
		x, ok := get(v)
		if !ok {
			return mismatch(kind.String(), v)
		}
		set(to, x)
		return nil
	}
}

func decodeBytes(v Value, to reflect.Value) error {
	b, ok := v.Bytes()
	if !ok {
		return mismatch("bytes", v)
	}
	to.SetBytes(b)
	return nil
}

// decodeInt takes whatever integer fits into an int.
func decodeInt(v Value, to reflect.Value) error {
	i, ok := v.Int64()
	if !ok {
		u, unsigned := v.Uint64()
		if !unsigned {
			return mismatch("an integer", v)
		}
		if u > math.MaxInt64 {
			return fmt.Errorf("%d does not fit into an int", u)
		}
		i = int64(u)
	}
	if to.OverflowInt(i) {
		return fmt.Errorf("%d does not fit into an int", i)
	}
	to.SetInt(i)
	return nil
}

// decodeUint takes whatever integer fits into a uint.
func decodeUint(v Value, to reflect.Value) error {
	u, ok := v.Uint64()
	if !ok {
		i, signed := v.Int64()
		switch {
		case !signed:
			return mismatch("an integer", v)
		case i < 0:
			return fmt.Errorf("%d is negative", i)
		}
		u = uint64(i)
	}
	if to.OverflowUint(u) {
		return fmt.Errorf("%d does not fit into a uint", u)
	}
	to.SetUint(u)
	return nil
}
