package task

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// structField is a struct's field and the key it has in a map.
type structField struct {
	index []int // for reflect's FieldByIndex
	key   string
	typ   reflect.Type
}

// knownStructs holds what structFields found out: as many types as the program
// has.
var knownStructs sync.Map //nolint:gochecknoglobals // a cache of what types are

// structFields returns the fields of struct type t that stand for a map's keys:
// the exported ones, and those of structs that t embeds, as in encoding/json.
func structFields(t reflect.Type) ([]structField, error) {
	if fields, ok := knownStructs.Load(t); ok {
		return fields.([]structField), nil //nolint:forcetypeassert // nothing else is stored
	}
	fields := appendFields(nil, t, nil)
	if len(fields) == 0 {
		return nil, fmt.Errorf("%s has no exported fields", t)
	}
	seen := make(map[string]bool, len(fields))
	for _, field := range fields {
		if seen[field.key] {
			return nil, fmt.Errorf("%s: two fields have the key %q", t, field.key)
		}
		seen[field.key] = true
	}
	knownStructs.Store(t, fields)
	return fields, nil
}

func appendFields(fields []structField, t reflect.Type, outer []int) []structField {
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		key, _, _ := strings.Cut(tag, ",")
		index := append(slices.Clone(outer), i)
		switch {
		case tag == "-":
		case f.Anonymous && key == "" && f.Type.Kind() == reflect.Struct && f.Type != valueType:
			fields = appendFields(fields, f.Type, index)
		case f.IsExported():
			if key == "" {
				key = snakeCase(f.Name)
			}
			fields = append(fields, structField{index: index, key: key, typ: f.Type})
		}
	}
	return fields
}
