package task

import (
	"errors"
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
func decoderFor(t reflect.Type) (decoder, error) { return newDecoders(ofParameter).of(t) }

// source is where it comes from what is decoded.
type source uint8

const (
	ofParameter source = iota
	ofResult           // a result's value
	ofText             // a result's text, which has lost kinds
)

// decoders are those of the types that a type is made of.
type decoders struct {
	source source
	made   map[reflect.Type]*decoder
}

func newDecoders(from source) decoders { return decoders{from, make(map[reflect.Type]*decoder)} }

func (ds decoders) of(t reflect.Type) (decoder, error) {
	if d, ok := ds.made[t]; ok { // t contains itself: d is there by the time of a call
		return func(v Value, to reflect.Value) error { return (*d)(v, to) }, nil
	}
	d := new(decoder)
	ds.made[t] = d
	var err error
	if *d, err = ds.build(t); ds.source != ofParameter {
		*d = zeroForNull(*d)
	}
	return *d, err
}

func (ds decoders) build(t reflect.Type) (decoder, error) {
	if t == valueType {
		return func(v Value, to reflect.Value) error {
			*to.Addr().Interface().(*Value) = v //nolint:forcetypeassert // to is of type t, which is Value
			return nil
		}, nil
	}
	if ds.source == ofParameter {
		if err := timeParameterError(t); err != nil {
			return nil, err
		}
	} else if d, special, err := ds.forResult(t); special {
		return d, err
	}
	return ds.plain(t)
}

// plain builds the decoder for a type as the contract has it.
func (ds decoders) plain(t reflect.Type) (decoder, error) {
	switch t.Kind() {
	case reflect.Slice:
		switch {
		case t.Elem() == valueType:
			return decodeValues, nil
		case t.Elem().Kind() == reflect.Uint8:
			return decodeBytes, nil
		}
		return ds.list(t)
	case reflect.Map:
		switch {
		case t.Key().Kind() != reflect.String:
			return nil, fmt.Errorf("%s: a map's keys are strings", t)
		case t.ConvertibleTo(fieldsType):
			return decodeFields, nil
		}
		return ds.dictionary(t)
	case reflect.Struct:
		return ds.structure(t)
	case reflect.Pointer:
		return ds.pointer(t)
	default:
		return scalarDecoder(t)
	}
}

// timeParameterError refuses times, of which a client would have to guess the unit.
func timeParameterError(t reflect.Type) error {
	switch t {
	case durationType:
		return errors.New("time.Duration is not a type of the contract: take an int64 of milliseconds, or a string for time.ParseDuration")
	case timeType:
		return errors.New("time.Time is not a type of the contract: take an int64 for time.UnixMilli, or a string for time.Parse")
	default:
		return nil
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

func (ds decoders) list(t reflect.Type) (decoder, error) {
	item, err := ds.of(t.Elem())
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

func (ds decoders) dictionary(t reflect.Type) (decoder, error) {
	field, err := ds.of(t.Elem())
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

func (ds decoders) structure(t reflect.Type) (decoder, error) {
	fields, err := structFields(t)
	if err != nil {
		return nil, err
	}
	decode := make([]decoder, len(fields))
	for i, field := range fields {
		if decode[i], err = ds.of(field.typ); err != nil {
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
func (ds decoders) pointer(t reflect.Type) (decoder, error) {
	if t.Elem().Kind() == reflect.Pointer {
		return nil, fmt.Errorf("%s is a pointer to a pointer", t)
	}
	inner, err := ds.of(t.Elem())
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
