package task

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// DecodeText stores a result that came as text, by [Value.Text], in what to points
// to, as [Value.Decode] does one that came as a value. What the text has lost, to
// must know: inside lists and maps, which are JSON, bytes are base64, and behind an
// any a whole number is an int64 or uint64, any other a float64. A text that is no
// list or map is a string behind an any.
func DecodeText(text string, to any) error {
	target := reflect.TypeOf(to)
	for target != nil && target.Kind() == reflect.Pointer {
		target = target.Elem()
	}
	if target == nil {
		return decodeInto(Value{}, to, ofText) // which says what is wrong
	}
	if target.Kind() == reflect.Slice && target.Elem().Kind() == reflect.Uint8 {
		return decodeInto(Bytes([]byte(text)), to, ofResult)
	}
	v, err := valueOfText(text, target)
	if err != nil {
		return Errorf(InvalidArgument, "decode a result into %s: it is the text %.60q", target, text)
	}
	return decodeInto(v, to, ofText)
}

// valueOfText makes of a text the value that a type needs.
func valueOfText(text string, t reflect.Type) (Value, error) {
	switch kind := t.Kind(); {
	case t == durationType, reflect.PointerTo(t).Implements(textUnmarshalerType), kind == reflect.String:
		return String(text), nil
	case t == valueType, kind == reflect.Interface:
		if strings.HasPrefix(text, "[") || strings.HasPrefix(text, "{") {
			if v, err := parseJSON(text); err == nil {
				return v, nil
			}
		}
		return String(text), nil
	case kind == reflect.Bool, reflect.Int <= kind && kind <= reflect.Float64:
		switch text {
		case "NaN", "Infinity", "-Infinity":
			return String(text), nil
		}
		return parseJSON(text)
	case text == "":
		return Value{}, nil
	default:
		return parseJSON(text)
	}
}

func parseJSON(text string) (Value, error) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var x any
	if err := decoder.Decode(&x); err != nil {
		return Value{}, err
	}
	if decoder.More() {
		return Value{}, fmt.Errorf("more follows at byte %d", decoder.InputOffset())
	}
	return valueOfJSON(x), nil
}

// valueOfJSON makes a value of what encoding/json has read.
func valueOfJSON(x any) Value {
	switch x := x.(type) {
	case bool:
		return Bool(x)
	case json.Number:
		return valueOfNumber(string(x))
	case string:
		return String(x)
	case []any:
		items := make([]Value, len(x))
		for i, item := range x {
			items[i] = valueOfJSON(item)
		}
		return ListOf(items...)
	case map[string]any:
		fields := make(map[string]Value, len(x))
		for key, field := range x {
			fields[key] = valueOfJSON(field)
		}
		return MapOf(fields)
	default:
		return Value{}
	}
}

func valueOfNumber(text string) Value {
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		return Int64(i)
	}
	if u, err := strconv.ParseUint(text, 10, 64); err == nil {
		return Uint64(u)
	}
	f, _ := strconv.ParseFloat(text, 64) // what is too large is infinite
	return Double(f)
}

// decodeFloatText takes what a float's text becomes: the nearest number.
func decodeFloatText(v Value, to reflect.Value) error {
	if s, isText := v.Str(); isText {
		switch s {
		case "NaN", "Infinity", "-Infinity":
			f, _ := strconv.ParseFloat(s, 64)
			to.SetFloat(f)
			return nil
		}
	}
	if !v.kind.isNumber() {
		return another(v)
	}
	number, _ := v.Text()
	f, err := strconv.ParseFloat(number, to.Type().Bits())
	if err != nil {
		return tooLarge(v, to.Type())
	}
	to.SetFloat(f)
	return nil
}

func decodeBase64(v Value, to reflect.Value) error {
	s, ok := v.Str()
	if !ok {
		return another(v)
	}
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return &misfit{problem: fmt.Sprintf("is the string %.60q, not base64", s)}
	}
	to.SetBytes(b)
	return nil
}
