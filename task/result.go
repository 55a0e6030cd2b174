package task

import (
	"encoding"
	"fmt"
	"reflect"
	"sync"
	"time"
)

// Decode stores v in what to points to, as [ValueOf] would make a value of it: a
// bool, string, []byte or any of Go's numbers that holds v exactly; a slice, array
// or map of such; a struct for a map, whose other keys are passed over. Behind an
// any is what v's kind is in Go: int32, []any, map[string]any. A [time.Duration] is
// made of a string such as "1m30s", a [time.Time] and any other
// [encoding.TextUnmarshaler] of its text. Null is the zero value.
//
// What does not fit is an INVALID_ARGUMENT that says where. What is decoded may
// share v's memory.
func (v Value) Decode(to any) error { return decodeInto(v, to, ofResult) }

func decodeInto(v Value, to any, from source) error {
	target := reflect.ValueOf(to)
	if target.Kind() != reflect.Pointer || target.IsNil() {
		return Errorf(InvalidArgument, "decode a result: want a pointer that isn't nil, got %T", to)
	}
	decode, err := resultDecoder(target.Type().Elem(), from)
	if err == nil {
		err = decode(v, target.Elem())
	}
	if err != nil {
		return Errorf(InvalidArgument, "decode a result into %s: %w", target.Type().Elem(), inside(err, "it"))
	}
	return nil
}

// resultType is a type that results from there are decoded into.
type resultType struct {
	source source
	typ    reflect.Type
}

// knownResults has the decoders that were made: as many as the program has types.
var knownResults sync.Map //nolint:gochecknoglobals // a cache of what types are

func resultDecoder(t reflect.Type, from source) (decoder, error) {
	if d, ok := knownResults.Load(resultType{from, t}); ok {
		return d.(decoder), nil //nolint:forcetypeassert // nothing else is stored
	}
	d, err := newDecoders(from).of(t)
	if err == nil {
		knownResults.Store(resultType{from, t}, d)
	}
	return d, err
}

var textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()

// forResult returns the decoder for a type that parameters don't have, or that is
// decoded otherwise for them. special is false for any other type.
func (ds decoders) forResult(t reflect.Type) (d decoder, special bool, err error) {
	switch kind := t.Kind(); {
	case t == durationType:
		d = decodeDuration
	case reflect.PointerTo(t).Implements(textUnmarshalerType):
		d = ds.unmarshaler(t)
	case kind == reflect.Interface && t.NumMethod() == 0:
		d = decodeAny
	case kind == reflect.Int8, kind == reflect.Int16:
		d = decodeInt
	case kind == reflect.Uint8, kind == reflect.Uint16:
		d = decodeUint
	case kind == reflect.Array:
		d, err = ds.array(t)
	case ds.source == ofText && (kind == reflect.Float32 || kind == reflect.Float64):
		d = decodeFloatText
	case ds.source == ofText && kind == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		d = decodeBase64
	default:
		return nil, false, nil
	}
	return d, true, err
}

// zeroForNull decodes null as what a variable is at first.
func zeroForNull(d decoder) decoder {
	return func(v Value, to reflect.Value) error {
		if v.Kind() == KindNull {
			to.SetZero()
			return nil
		}
		return d(v, to)
	}
}

func decodeDuration(v Value, to reflect.Value) error {
	s, ok := v.Str()
	if !ok {
		return &misfit{problem: fmt.Sprintf("is %s, which doesn't say its unit: decode a number, and multiply it by the unit that the task means",
			v.kind.withArticle())}
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return &misfit{problem: fmt.Sprintf(`is the string %.60q, not a duration such as "1m30s"`, s)}
	}
	to.SetInt(int64(d))
	return nil
}

// unmarshaler has a type read strings by itself. Of another kind it may be made as
// any type of its form is.
func (ds decoders) unmarshaler(t reflect.Type) decoder {
	plain, err := ds.plain(t)
	if t.Kind() == reflect.Array {
		plain, err = ds.array(t)
	}
	return func(v Value, to reflect.Value) error {
		s, isString := v.Str()
		switch {
		case isString:
			reader := to.Addr().Interface().(encoding.TextUnmarshaler) //nolint:forcetypeassert // checked before
			if err := reader.UnmarshalText([]byte(s)); err != nil {
				return &misfit{problem: fmt.Sprintf("is the string %.60q, not a %s: %v", s, t, err)}
			}
			return nil
		case t == timeType:
			return &misfit{problem: fmt.Sprintf("is %s, which doesn't say its unit: decode an int64, and use time.UnixMilli or time.Unix, whichever the task means",
				v.kind.withArticle())}
		case err != nil:
			return another(v)
		default:
			return plain(v, to)
		}
	}
}

// array decodes a list, or bytes, of exactly its length.
func (ds decoders) array(t reflect.Type) (decoder, error) {
	slice, err := ds.of(reflect.SliceOf(t.Elem()))
	if err != nil {
		return nil, err
	}
	return func(v Value, to reflect.Value) error {
		items := reflect.New(reflect.SliceOf(t.Elem())).Elem()
		if err := slice(v, items); err != nil {
			return err
		}
		if items.Len() != t.Len() {
			return &misfit{problem: fmt.Sprintf("has %d items, and %s has %d", items.Len(), t, t.Len())}
		}
		reflect.Copy(to, items)
		return nil
	}, nil
}

func decodeAny(v Value, to reflect.Value) error {
	to.Set(reflect.ValueOf(v.plain()))
	return nil
}

// plain returns what v's kind is in Go.
func (v Value) plain() (x any) {
	switch v.kind {
	case KindBool:
		x, _ = v.Bool()
	case KindInt32:
		x, _ = v.Int32()
	case KindInt64:
		x, _ = v.Int64()
	case KindUint32:
		x, _ = v.Uint32()
	case KindUint64:
		x, _ = v.Uint64()
	case KindFloat:
		x, _ = v.Float()
	case KindDouble:
		x, _ = v.Double()
	case KindString:
		x, _ = v.Str()
	case KindBytes:
		x, _ = v.Bytes()
	case KindList:
		list, _ := v.List()
		items := make([]any, len(list))
		for i, item := range list {
			items[i] = item.plain()
		}
		x = items
	case KindMap:
		entries, _ := v.Map()
		fields := make(map[string]any, len(entries))
		for key, field := range entries {
			fields[key] = field.plain()
		}
		x = fields
	case KindNull:
	}
	return x
}
