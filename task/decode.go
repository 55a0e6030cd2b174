package task

import (
	"fmt"
	"math"
	"reflect"
)

// A decoder stores an argument in a Go variable, or says what it wanted.
type decoder func(v Value, to reflect.Value) error

func mismatch(want string, v Value) error {
	return fmt.Errorf("want %s, got %s", want, v.Kind())
}

// decoderFor returns the decoder for a parameter's type. It is built once, at
// registration, so that a call only follows it.
func decoderFor(t reflect.Type) (decoder, error) { return buildDecoder(t, 0) }

func buildDecoder(t reflect.Type, depth int) (decoder, error) {
	if depth > MaxDepth {
		return nil, fmt.Errorf("%s contains itself", t)
	}
	if t == reflect.TypeFor[Value]() {
		return func(v Value, to reflect.Value) error {
			*to.Addr().Interface().(*Value) = v //nolint:forcetypeassert // t says so
			return nil
		}, nil
	}
	switch t.Kind() {
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return decodeBytes, nil
		}
		return listDecoder(t, depth)
	case reflect.Map:
		return mapDecoder(t, depth)
	case reflect.Struct:
		return structDecoder(t, depth)
	case reflect.Pointer:
		inner, err := buildDecoder(t.Elem(), depth+1)
		if err != nil {
			return nil, err
		}
		return func(v Value, to reflect.Value) error {
			to.Set(reflect.New(t.Elem()))
			return inner(v, to.Elem())
		}, nil
	default:
		return scalarDecoder(t)
	}
}

func scalarDecoder(t reflect.Type) (decoder, error) {
	switch t.Kind() {
	case reflect.Bool:
		return func(v Value, to reflect.Value) error {
			b, ok := v.Bool()
			to.SetBool(b)
			return matched(ok, t, v)
		}, nil
	case reflect.String:
		return func(v Value, to reflect.Value) error {
			s, ok := v.Str()
			to.SetString(s)
			return matched(ok, t, v)
		}, nil
	case reflect.Int32:
		return func(v Value, to reflect.Value) error {
			i, ok := v.Int32()
			to.SetInt(int64(i))
			return matched(ok, t, v)
		}, nil
	case reflect.Int64:
		return func(v Value, to reflect.Value) error {
			i, ok := v.Int64()
			to.SetInt(i)
			return matched(ok, t, v)
		}, nil
	case reflect.Uint32:
		return func(v Value, to reflect.Value) error {
			u, ok := v.Uint32()
			to.SetUint(uint64(u))
			return matched(ok, t, v)
		}, nil
	case reflect.Uint64:
		return func(v Value, to reflect.Value) error {
			u, ok := v.Uint64()
			to.SetUint(u)
			return matched(ok, t, v)
		}, nil
	case reflect.Float32:
		return func(v Value, to reflect.Value) error {
			f, ok := v.Float()
			to.SetFloat(float64(f))
			return matched(ok, t, v)
		}, nil
	case reflect.Float64:
		return func(v Value, to reflect.Value) error {
			f, ok := v.Double()
			to.SetFloat(f)
			return matched(ok, t, v)
		}, nil
	case reflect.Int:
		return decodeInt, nil
	case reflect.Uint:
		return decodeUint, nil
	default:
		return nil, fmt.Errorf("%s is no type of the contract", t)
	}
}

func matched(ok bool, t reflect.Type, v Value) error {
	if ok {
		return nil
	}
	return mismatch(t.String(), v)
}

func decodeBytes(v Value, to reflect.Value) error {
	b, ok := v.Bytes()
	if !ok {
		return mismatch("bytes", v)
	}
	to.SetBytes(b)
	return nil
}

func decodeInt(v Value, to reflect.Value) error {
	i, ok := v.Int64()
	if u, isUint := v.Uint64(); isUint && u <= math.MaxInt64 {
		i, ok = int64(u), true
	}
	if !ok || to.OverflowInt(i) {
		return mismatch("an integer", v)
	}
	to.SetInt(i)
	return nil
}

func decodeUint(v Value, to reflect.Value) error {
	u, ok := v.Uint64()
	if i, isInt := v.Int64(); isInt && i >= 0 {
		u, ok = uint64(i), true
	}
	if !ok || to.OverflowUint(u) {
		return mismatch("a non-negative integer", v)
	}
	to.SetUint(u)
	return nil
}

func listDecoder(t reflect.Type, depth int) (decoder, error) {
	item, err := buildDecoder(t.Elem(), depth+1)
	if err != nil {
		return nil, err
	}
	return func(v Value, to reflect.Value) error {
		items, ok := v.List()
		if !ok {
			return mismatch("list", v)
		}
		slice := reflect.MakeSlice(t, len(items), len(items))
		for i, from := range items {
			if err := item(from, slice.Index(i)); err != nil {
				return fmt.Errorf("item %d: %w", i+1, err)
			}
		}
		to.Set(slice)
		return nil
	}, nil
}

func mapDecoder(t reflect.Type, depth int) (decoder, error) {
	if t.Key().Kind() != reflect.String {
		return nil, fmt.Errorf("%s: a map's keys are strings", t)
	}
	field, err := buildDecoder(t.Elem(), depth+1)
	if err != nil {
		return nil, err
	}
	return func(v Value, to reflect.Value) error {
		fields, ok := v.Map()
		if !ok {
			return mismatch("map", v)
		}
		result := reflect.MakeMapWithSize(t, len(fields))
		for key, from := range fields {
			element := reflect.New(t.Elem()).Elem()
			if err := field(from, element); err != nil {
				return fmt.Errorf("key %q: %w", key, err)
			}
			result.SetMapIndex(reflect.ValueOf(key).Convert(t.Key()), element)
		}
		to.Set(result)
		return nil
	}, nil
}

func structDecoder(t reflect.Type, depth int) (decoder, error) {
	type fieldDecoder struct {
		structField
		decode decoder
	}
	var fields []fieldDecoder
	for _, field := range structFields(t) {
		decode, err := buildDecoder(t.Field(field.index).Type, depth+1)
		if err != nil {
			return nil, fmt.Errorf("%s.%s: %w", t, t.Field(field.index).Name, err)
		}
		fields = append(fields, fieldDecoder{field, decode})
	}
	return func(v Value, to reflect.Value) error {
		values, ok := v.Map()
		if !ok {
			return mismatch("map", v)
		}
		for _, field := range fields {
			from, ok := values[field.key]
			if !ok {
				continue
			}
			if err := field.decode(from, to.Field(field.index)); err != nil {
				return fmt.Errorf("key %q: %w", field.key, err)
			}
		}
		return nil
	}, nil
}
