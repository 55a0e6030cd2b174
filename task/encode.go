package task

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"time"
)

var (
	durationType = reflect.TypeFor[time.Duration]()
	timeType     = reflect.TypeFor[time.Time]()
)

// An encoder turns a Go value into a [Value].
type encoder func(from reflect.Value) (Value, error)

// ValueOf returns x as a [Value]: the Go types that [NewSync] lists for
// parameters, small integers and arrays too, nested as they like, nil and nil
// pointers as null; behind an any, whatever is there. An int or uint becomes the smallest of int32, int64 and
// uint64 that holds it. Strings, bytes, []Value and map[string]Value are shared.
func ValueOf(x any) (Value, error) {
	switch x := x.(type) { // what needs no reflection
	case nil:
		return Value{}, nil
	case Value:
		return x, nil
	case bool:
		return Bool(x), nil
	case int:
		return smallestInt(int64(x)), nil
	case int32:
		return Int32(x), nil
	case int64:
		return Int64(x), nil
	case float64:
		return Double(x), nil
	case string:
		return String(x), nil
	case []byte:
		return Bytes(x), nil
	}
	from := reflect.ValueOf(x)
	if err := (encodable{}).check(from.Type()); err != nil {
		return Value{}, err
	}
	return encode(from, 0)
}

// encoderFor returns how results of type t become values, or why they can't.
func encoderFor(t reflect.Type) (encoder, error) {
	if err := (encodable{}).check(t); err != nil {
		return nil, err
	}
	return func(from reflect.Value) (Value, error) { return encode(from, 0) }, nil
}

// encodable are the types that were seen so far while a type is checked.
type encodable map[reflect.Type]bool

// check says why values of type t can't be encoded, if so. What an interface
// will hold shows only later.
func (seen encodable) check(t reflect.Type) error {
	if seen[t] || t == valueType {
		return nil
	}
	if err := timeError(t); err != nil {
		return err
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Bool, reflect.String, reflect.Float32, reflect.Float64, reflect.Int, reflect.Uint,
		reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return nil
	case reflect.Interface:
		if t.NumMethod() > 0 {
			return fmt.Errorf("%s is an interface; only any is allowed", t)
		}
		return nil
	case reflect.Slice, reflect.Array, reflect.Pointer:
		return seen.check(t.Elem())
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return fmt.Errorf("%s: a map's keys are strings", t)
		}
		return seen.check(t.Elem())
	case reflect.Struct:
		fields, err := structFields(t)
		if err != nil {
			return err
		}
		for _, field := range fields {
			if err := seen.check(field.typ); err != nil {
				return fmt.Errorf("%s: key %q: %w", t, field.key, err)
			}
		}
		return nil
	default:
		return fmt.Errorf("%s is not a type of the contract", t)
	}
}

// timeError refuses times, which a receiver would have to guess the unit of, or
// would find empty.
func timeError(t reflect.Type) error {
	switch t {
	case durationType:
		return errors.New("time.Duration is not a type of the contract: write d.Milliseconds() or d.String(), whichever the task takes")
	case timeType:
		return errors.New("time.Time is not a type of the contract: write t.UnixMilli() or t.Format(time.RFC3339Nano), whichever the task takes")
	default:
		return nil
	}
}

// maxHops is how far encode follows lists, maps and pointers. It ends what
// contains itself; the nesting of the result is for Text and the wire to judge.
const maxHops = 4 * MaxDepth

func encode(from reflect.Value, hops int) (Value, error) {
	if hops > maxHops {
		return Value{}, fmt.Errorf("%s nests too deep, or contains itself", from.Type())
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
		return encodeComposite(from, hops)
	}
}

func smallestInt(i int64) Value {
	if i == int64(int32(i)) {
		return Int32(int32(i))
	}
	return Int64(i)
}

func encodeComposite(from reflect.Value, hops int) (Value, error) {
	switch from.Kind() {
	case reflect.Pointer, reflect.Interface:
		if from.IsNil() {
			return Value{}, nil
		}
		if from.Kind() == reflect.Interface { // not seen by check
			if err := timeError(from.Elem().Type()); err != nil {
				return Value{}, err
			}
		}
		return encode(from.Elem(), hops+1)
	case reflect.Slice, reflect.Array:
		return encodeList(from, hops)
	case reflect.Map:
		return encodeMap(from, hops)
	case reflect.Struct:
		if from.Type() == valueType {
			return from.Interface().(Value), nil //nolint:forcetypeassert // its type was compared above
		}
		return encodeStruct(from, hops)
	default: // something behind an interface
		return Value{}, fmt.Errorf("%s is not a type of the contract", from.Type())
	}
}

func encodeList(from reflect.Value, hops int) (Value, error) {
	switch elem := from.Type().Elem(); {
	case elem.Kind() == reflect.Uint8:
		if from.Kind() == reflect.Array {
			array := reflect.New(from.Type()).Elem() // whose bytes can be pointed to
			array.Set(from)
			from = array
		}
		return Bytes(from.Bytes()), nil
	case elem == valueType && from.Kind() == reflect.Slice:
		return ListOf(from.Convert(valuesType).Interface().([]Value)...), nil //nolint:forcetypeassert // just converted
	}
	items := make([]Value, from.Len())
	for i := range items {
		var err error
		if items[i], err = encode(from.Index(i), hops+1); err != nil {
			return Value{}, fmt.Errorf("item %d: %w", i+1, err)
		}
	}
	return ListOf(items...), nil
}

func encodeMap(from reflect.Value, hops int) (Value, error) {
	switch t := from.Type(); {
	case t.Key().Kind() != reflect.String: // something behind an interface
		return Value{}, fmt.Errorf("%s: a map's keys are strings", t)
	case t.ConvertibleTo(fieldsType):
		return MapOf(from.Convert(fieldsType).Interface().(map[string]Value)), nil //nolint:forcetypeassert // just converted
	}
	fields := make(map[string]Value, from.Len())
	for entry := from.MapRange(); entry.Next(); {
		v, err := encode(entry.Value(), hops+1)
		if err != nil {
			return Value{}, fmt.Errorf("key %q: %w", entry.Key(), err)
		}
		fields[entry.Key().String()] = v
	}
	return MapOf(fields), nil
}

// encodeStruct leaves out what is null: to a struct it is the same as absent.
func encodeStruct(from reflect.Value, hops int) (Value, error) {
	plan, err := structFields(from.Type())
	if err != nil {
		return Value{}, err
	}
	fields := make(map[string]Value, len(plan))
	for _, field := range plan {
		v, err := encode(from.FieldByIndex(field.index), hops+1)
		if err != nil {
			return Value{}, fmt.Errorf("key %q: %w", field.key, err)
		}
		if v.Kind() != KindNull {
			fields[field.key] = v
		}
	}
	return MapOf(fields), nil
}
