package wire

import (
	"errors"
	"strings"

	"github.com/taskscheduler/taskscheduler/internal/jsontext"
	"github.com/taskscheduler/taskscheduler/task"
)

var (
	errNoTypeKey = errors.New(`want an object with an "@type" that names the argument's type`)
	errNoValue   = errors.New(`want the value under "value"`)
)

// The fields that the types' objects have beside "@type".
var (
	wrapperFields = map[string]int{jsontext.TypeKey: typeField, "value": fieldValue}
	listFields    = map[string]int{jsontext.TypeKey: typeField, "values": fieldValues}
	mapFields     = map[string]int{jsontext.TypeKey: typeField, "fields": fieldFields}
)

// value reads an Any, which lies inside depth lists and maps.
func (r *reader) value(depth int) (v task.Value) {
	if r.Kind() != jsontext.Object {
		r.fail(errNoTypeKey)
		return v
	}
	typeURL, ok := r.Type()
	if !ok {
		r.fail(errNoTypeKey)
		return v
	}
	name := typeURL[strings.LastIndexByte(typeURL, '/')+1:]
	isContainer := name == nameList || name == nameMap
	switch {
	case isContainer && depth == task.MaxDepth:
		r.fail(errTooDeep)
	case name == nameList:
		v = r.listValue(depth)
	case name == nameMap:
		v = r.mapValue(depth)
	default:
		v = r.wrapper(name)
	}
	if _, nested := errors.AsType[*pathError](r.err); r.err != nil && !nested {
		r.err = typeError(typeURL, r.err)
	}
	return v
}

func (r *reader) wrapper(name string) (v task.Value) {
	found := false
	if scalarOf(name) == nil {
		r.fail(errUnknownType)
		return v
	}
	r.Enter()
	for r.err == nil && r.More() {
		switch key := r.Key(); {
		case key == jsontext.TypeKey:
			r.Skip()
		case wrapperFields[key] != fieldValue:
			r.fail(unknownField(key, wrapperFields))
		case found:
			r.fail(errors.New(`field "value" is there twice`))
		default:
			found = true
			v = scalarOf(name)(r)
		}
	}
	if r.err == nil && !found {
		r.fail(errNoValue)
	}
	return v
}

// scalarOf returns what reads the value of the wrapper of that name; nil: there
// is none.
func scalarOf(name string) func(*reader) task.Value {
	switch name {
	case nameBool:
		return func(r *reader) task.Value { return task.Bool(r.bool()) }
	case nameInt32:
		return func(r *reader) task.Value { return task.Int32(int32(r.int(32))) }
	case nameInt64:
		return func(r *reader) task.Value { return task.Int64(r.int(64)) }
	case nameUint32:
		return func(r *reader) task.Value { return task.Uint32(uint32(r.uint(32))) }
	case nameUint64:
		return func(r *reader) task.Value { return task.Uint64(r.uint(64)) }
	case nameFloat:
		return func(r *reader) task.Value { return task.Float(float32(r.float(32))) }
	case nameDouble:
		return func(r *reader) task.Value { return task.Double(r.float(64)) }
	case nameString:
		return func(r *reader) task.Value { return task.String(r.string()) }
	case nameBytes:
		return func(r *reader) task.Value { return task.Bytes(r.bytes()) }
	default:
		return nil
	}
}

func (r *reader) listValue(depth int) task.Value {
	var items []task.Value
	r.object(listFields, func(int) {
		r.list(func() {
			items = append(items, r.value(depth+1))
			if r.err != nil {
				r.err = inside(itemStep(len(items)-1), r.err)
			}
		})
	})
	return task.ListOf(items...)
}

func (r *reader) mapValue(depth int) task.Value {
	fields := make(map[string]task.Value)
	r.object(mapFields, func(int) {
		if !r.want(jsontext.Object, "an object") {
			return
		}
		r.Enter()
		for r.err == nil && r.More() {
			key := r.Key()
			if _, twice := fields[key]; twice {
				r.fail(inside(keyStep(key), errors.New("is there twice")))
				return
			}
			fields[key] = r.value(depth + 1)
			if r.err != nil {
				r.err = inside(keyStep(key), r.err)
			}
		}
	})
	return task.MapOf(fields)
}
