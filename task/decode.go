package task

import (
	"fmt"
	"reflect"
)

var (
	valueType  = reflect.TypeFor[Value]()
	valuesType = reflect.TypeFor[[]Value]()
	fieldsType = reflect.TypeFor[map[string]Value]()
)

// A decoder stores an argument in a Go variable, or says in a *misfit what is
// wrong with it.
type decoder func(v Value, to reflect.Value) error

// decoderFor returns the decoder for a parameter's type. It is built once, at
// registration, so that a call only follows it.
func decoderFor(t reflect.Type) (decoder, error) { return decoders{}.of(t) }

// decoders are those of the types that a parameter's type is made of.
type decoders map[reflect.Type]*decoder

func (made decoders) of(t reflect.Type) (decoder, error) {
	if d, ok := made[t]; ok { // t contains itself: d is there by the time of a call
		return func(v Value, to reflect.Value) error { return (*d)(v, to) }, nil
	}
	d := new(decoder)
	made[t] = d
	var err error
	*d, err = made.build(t)
	return *d, err
}

func (made decoders) build(t reflect.Type) (decoder, error) {
	if t == valueType {
		return func(v Value, to reflect.Value) error {
			*to.Addr().Interface().(*Value) = v //nolint:forcetypeassert // to is of type t, which is Value
			return nil
		}, nil
	}
	switch t.Kind() {
	case reflect.Slice:
		switch {
		case t.Elem() == valueType:
			return decodeValues, nil
		case t.Elem().Kind() == reflect.Uint8:
			return decodeBytes, nil
		}
		return made.list(t)
	case reflect.Map:
		switch {
		case t.Key().Kind() != reflect.String:
			return nil, fmt.Errorf("%s: a map's keys are strings", t)
		case t.ConvertibleTo(fieldsType):
			return decodeFields, nil
		}
		return made.dictionary(t)
	case reflect.Struct:
		return made.structure(t)
	case reflect.Pointer:
		return made.pointer(t)
	default:
		return scalarDecoder(t)
	}
}

// decodeValues hands a list over as it is.
func decodeValues(v Value, to reflect.Value) error {
	items, ok := v.List()
	if !ok {
		return another(v)
	}
	to.Set(reflect.ValueOf([]Value(items)))
	return nil
}

// decodeFields hands a map over as it is.
func decodeFields(v Value, to reflect.Value) error {
	fields, ok := v.Map()
	if !ok {
		return another(v)
	}
	to.Set(reflect.ValueOf(map[string]Value(fields)))
	return nil
}

func (made decoders) list(t reflect.Type) (decoder, error) {
	item, err := made.of(t.Elem())
	if err != nil {
		return nil, err
	}
	return func(v Value, to reflect.Value) error {
		items, ok := v.List()
		if !ok {
			return another(v)
		}
		slice := reflect.MakeSlice(t, len(items), len(items))
		for i, from := range items {
			if err := item(from, slice.Index(i)); err != nil {
				return inside(err, "item %d", i+1)
			}
		}
		to.Set(slice)
		return nil
	}, nil
}

func (made decoders) dictionary(t reflect.Type) (decoder, error) {
	field, err := made.of(t.Elem())
	if err != nil {
		return nil, err
	}
	return func(v Value, to reflect.Value) error {
		fields, ok := v.Map()
		if !ok {
			return another(v)
		}
		result := reflect.MakeMapWithSize(t, len(fields))
		for key, from := range fields {
			element := reflect.New(t.Elem()).Elem()
			if err := field(from, element); err != nil {
				return inside(err, "key %.60q", key) // a client's key can be long
			}
			result.SetMapIndex(reflect.ValueOf(key).Convert(t.Key()), element)
		}
		to.Set(result)
		return nil
	}, nil
}

func (made decoders) structure(t reflect.Type) (decoder, error) {
	fields, err := structFields(t)
	if err != nil {
		return nil, err
	}
	decode := make([]decoder, len(fields))
	for i, field := range fields {
		if decode[i], err = made.of(field.typ); err != nil {
			return nil, fmt.Errorf("%s: key %q: %w", t, field.key, err)
		}
	}
	return func(v Value, to reflect.Value) error {
		values, ok := v.Map()
		if !ok {
			return another(v)
		}
		for i, field := range fields {
			from, ok := values[field.key]
			if !ok {
				continue
			}
			if err := decode[i](from, to.FieldByIndex(field.index)); err != nil {
				return inside(err, "key %q", field.key)
			}
		}
		return nil
	}, nil
}

// pointer decodes null as nil, like an argument that is absent.
func (made decoders) pointer(t reflect.Type) (decoder, error) {
	if t.Elem().Kind() == reflect.Pointer {
		return nil, fmt.Errorf("%s is a pointer to a pointer", t)
	}
	inner, err := made.of(t.Elem())
	if err != nil {
		return nil, err
	}
	return func(v Value, to reflect.Value) error {
		if v.Kind() == KindNull && t.Elem() != valueType {
			return nil
		}
		to.Set(reflect.New(t.Elem()))
		return inner(v, to.Elem())
	}, nil
}
