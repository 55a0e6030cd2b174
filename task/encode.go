package task

import (
	"fmt"
	"math"
	"reflect"
	"strings"
)

// An encoder turns a Go value into a [Value].
type encoder func(from reflect.Value, depth int) (Value, error)

// ValueOf returns x as a [Value]: the Go types that [NewSync] lists for
// parameters, nested as they like, nil and nil pointers as null. An int or uint
// becomes the smallest of int32, int64 and uint64 that holds it.
func ValueOf(x any) (Value, error) {
	switch x := x.(type) { // what needs no reflection
	case nil:
		return Value{}, nil
	case Value:
		return x, nil
	case string:
		return String(x), nil
	}
	from := reflect.ValueOf(x)
	if _, err := encoderFor(from.Type()); err != nil {
		return Value{}, err
	}
	return encodeAny(from, 0)
}

// encoderFor returns how results of type t become values, or why they can't.
func encoderFor(t reflect.Type) (encoder, error) {
	if err := checkEncodable(t, 0); err != nil {
		return nil, err
	}
	switch { // the usual results, without a detour
	case t.Kind() == reflect.String:
		return func(from reflect.Value, _ int) (Value, error) { return String(from.String()), nil }, nil
	case t.Kind() == reflect.Int32:
		return func(from reflect.Value, _ int) (Value, error) { return Int32(int32(from.Int())), nil }, nil
	default:
		return encodeAny, nil
	}
}

func checkEncodable(t reflect.Type, depth int) error {
	switch {
	case t == reflect.TypeFor[Value]() || t.Kind() == reflect.Interface && t.NumMethod() == 0:
		return nil
	case depth > MaxDepth:
		return nil // a type that contains itself: values end somewhere, or fail when encoded
	}
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64, reflect.Int, reflect.Uint,
		reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return nil
	case reflect.Slice, reflect.Array, reflect.Pointer:
		return checkEncodable(t.Elem(), depth+1)
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return fmt.Errorf("%s: a map's keys are strings", t)
		}
		return checkEncodable(t.Elem(), depth+1)
	case reflect.Struct:
		for _, field := range structFields(t) {
			if t.Field(field.index).Type == t {
				continue
			}
			if err := checkEncodable(t.Field(field.index).Type, depth+1); err != nil {
				return fmt.Errorf("%s.%s: %w", t, t.Field(field.index).Name, err)
			}
		}
		return nil
	default:
		return fmt.Errorf("%s is no type of the contract", t)
	}
}

func encodeAny(from reflect.Value, depth int) (Value, error) {
	if depth > MaxDepth {
		return Value{}, fmt.Errorf("%s nests more than %d levels", from.Type(), MaxDepth)
	}
	if v, ok := from.Interface().(Value); ok {
		return v, nil
	}
	switch from.Kind() {
	case reflect.Bool:
		return Bool(from.Bool()), nil
	case reflect.String:
		return String(from.String()), nil
	case reflect.Int8, reflect.Int16, reflect.Int32:
		return Int32(int32(from.Int())), nil
	case reflect.Int64:
		return Int64(from.Int()), nil
	case reflect.Uint8, reflect.Uint16, reflect.Uint32:
		return Uint32(uint32(from.Uint())), nil
	case reflect.Uint64:
		return Uint64(from.Uint()), nil
	case reflect.Int:
		return smallestInt(from.Int()), nil
	case reflect.Uint:
		if from.Uint() > math.MaxInt64 {
			return Uint64(from.Uint()), nil
		}
		return smallestInt(int64(from.Uint())), nil
	case reflect.Float32:
		return Float(float32(from.Float())), nil
	case reflect.Float64:
		return Double(from.Float()), nil
	default:
		return encodeComposite(from, depth)
	}
}

func smallestInt(i int64) Value {
	if i == int64(int32(i)) {
		return Int32(int32(i))
	}
	return Int64(i)
}

func encodeComposite(from reflect.Value, depth int) (Value, error) {
	switch from.Kind() {
	case reflect.Pointer, reflect.Interface:
		if from.IsNil() {
			return Value{}, nil
		}
		return encodeAny(from.Elem(), depth+1)
	case reflect.Slice, reflect.Array:
		if from.Kind() == reflect.Slice && from.Type().Elem().Kind() == reflect.Uint8 {
			return Bytes(from.Bytes()), nil
		}
		items := make([]Value, from.Len())
		for i := range items {
			var err error
			if items[i], err = encodeAny(from.Index(i), depth+1); err != nil {
				return Value{}, fmt.Errorf("item %d: %w", i+1, err)
			}
		}
		return ListOf(items...), nil
	case reflect.Map:
		fields := make(map[string]Value, from.Len())
		for entry := from.MapRange(); entry.Next(); {
			v, err := encodeAny(entry.Value(), depth+1)
			if err != nil {
				return Value{}, fmt.Errorf("key %q: %w", entry.Key(), err)
			}
			fields[entry.Key().String()] = v
		}
		return MapOf(fields), nil
	case reflect.Struct:
		fields := make(map[string]Value, from.NumField())
		for _, field := range structFields(from.Type()) {
			v, err := encodeAny(from.Field(field.index), depth+1)
			if err != nil {
				return Value{}, fmt.Errorf("key %q: %w", field.key, err)
			}
			if v.Kind() != KindNull { // absent and null are the same to a struct
				fields[field.key] = v
			}
		}
		return MapOf(fields), nil
	default: // something behind an interface
		return Value{}, fmt.Errorf("%s is no type of the contract", from.Type())
	}
}

// structField is a struct's field and the key it has in a map.
type structField struct {
	index int
	key   string
}

// structFields lists the exported fields of struct type t that take part.
func structFields(t reflect.Type) []structField {
	var fields []structField
	for i := range t.NumField() {
		f := t.Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if !f.IsExported() || key == "-" {
			continue
		}
		if key == "" {
			key = snakeCase(f.Name)
		}
		fields = append(fields, structField{index: i, key: key})
	}
	return fields
}
