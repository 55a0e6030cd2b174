package setting

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// A Setting is a field that has a name, a default or both.
type Setting struct {
	// Name is what people call it: max-message-bytes; empty if only code does.
	Name string
	// Field is what code calls it: MaxMessageBytes.
	Field string
	// Default is its default as people would write it; empty means the zero value.
	Default string
	// Unit is what its number counts; a Text is not a number.
	Unit Unit
	// Choices are all that it may be, if there are few.
	Choices []string

	value reflect.Value
}

// All returns the settings of the struct that config points to, in their order.
func All(config any) []Setting {
	fields := reflect.ValueOf(config).Elem()
	var all []Setting
	for i, field := range reflect.VisibleFields(fields.Type()) {
		name, named := field.Tag.Lookup("name")
		_, hasDefault := field.Tag.Lookup("default")
		if !named && !hasDefault {
			continue
		}
		all = append(all, Setting{
			Name:    name,
			Field:   field.Name,
			Default: field.Tag.Get("default"),
			Unit:    Unit(field.Tag.Get("type")),
			Choices: choices(field.Tag.Get("enum")),
			value:   fields.Field(i),
		})
	}
	return all
}

func choices(enum string) []string {
	if enum == "" {
		return nil
	}
	return strings.Split(enum, ",")
}

// Fill gives each zero field of the struct that config points to its default.
// It panics when a default is none that its unit allows.
func Fill(config any) {
	for _, s := range All(config) {
		if s.Default == "" || !s.value.IsZero() {
			continue
		}
		if s.Unit == Text {
			s.value.SetString(s.Default)
			continue
		}
		n, err := s.Unit.Parse(s.Default)
		if err != nil {
			panic(fmt.Sprintf("setting %s: default: %v", s.Field, err))
		}
		s.value.SetInt(n)
	}
}

// Check refuses negative numbers and time spans, and values that are not among the choices, naming
// the field as code does.
func Check(config any) error {
	for _, s := range All(config) {
		switch value := s.Value(); {
		case s.Unit != Text && s.value.Int() < 0:
			return fmt.Errorf("negative Config.%s: give it a positive value, or leave it out for the default", s.Field)
		case s.Choices != nil && value != "" && !slices.Contains(s.Choices, value):
			return fmt.Errorf("wrong Config.%s %q: want %s", s.Field, value, strings.Join(s.Choices, " or "))
		}
	}
	return nil
}

// Value returns the value as people would read it.
func (s Setting) Value() string {
	if s.Unit == Text {
		return fmt.Sprint(s.value.Interface())
	}
	return s.Unit.Format(s.value.Int())
}
