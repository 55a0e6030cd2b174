package proto_test

import (
	"fmt"
	"iter"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// describe writes a file as contract does.
func describe(file protoreflect.FileDescriptor) []string {
	var lines []string
	for service := range each(file.Services()) {
		for method := range each(service.Methods()) {
			lines = append(lines, fmt.Sprintf("rpc %s.%s(%s) %s", service.Name(), method.Name(),
				streamed(method.IsStreamingClient(), method.Input()), streamed(method.IsStreamingServer(), method.Output())))
		}
	}
	lines = append(lines, describeEnums(file.Enums())...)
	return append(lines, describeMessages(file.Messages())...)
}

func describeMessages(messages protoreflect.MessageDescriptors) []string {
	var lines []string
	for message := range each(messages) {
		if message.IsMapEntry() {
			continue
		}
		lines = append(lines, "message "+local(message))
		for field := range each(message.Fields()) {
			lines = append(lines, fmt.Sprintf("%s: %s %s = %d", local(message), typeOf(field), field.Name(), field.Number()))
		}
		lines = append(lines, describeEnums(message.Enums())...)
		lines = append(lines, describeMessages(message.Messages())...)
	}
	return lines
}

func describeEnums(enums protoreflect.EnumDescriptors) []string {
	var lines []string
	for enum := range each(enums) {
		lines = append(lines, "enum "+local(enum))
		for value := range each(enum.Values()) {
			lines = append(lines, fmt.Sprintf("%s: %s = %d", local(enum), value.Name(), value.Number()))
		}
	}
	return lines
}

// typeOf returns a field's type with its label, as a proto file has it.
func typeOf(field protoreflect.FieldDescriptor) string {
	switch {
	case field.IsMap():
		return fmt.Sprintf("map<%s, %s>", typeOf(field.MapKey()), typeOf(field.MapValue()))
	case field.ContainingOneof() != nil && !field.HasOptionalKeyword():
		return fmt.Sprintf("oneof %s %s", field.ContainingOneof().Name(), element(field))
	case field.Cardinality() == protoreflect.Optional && !field.HasOptionalKeyword():
		return element(field)
	default:
		return fmt.Sprintf("%s %s", field.Cardinality(), element(field))
	}
}

func element(field protoreflect.FieldDescriptor) string {
	switch {
	case field.Message() != nil:
		return local(field.Message())
	case field.Enum() != nil:
		return local(field.Enum())
	default:
		return field.Kind().String()
	}
}

func streamed(stream bool, message protoreflect.MessageDescriptor) string {
	if stream {
		return "stream " + local(message)
	}
	return local(message)
}

// local returns a name as it is written inside package taskscheduler.
func local(d protoreflect.Descriptor) string {
	return strings.TrimPrefix(string(d.FullName()), "taskscheduler.")
}

// each goes over one of protoreflect's lists.
func each[D any](list interface {
	Len() int
	Get(i int) D
},
) iter.Seq[D] {
	return func(yield func(D) bool) {
		for i := range list.Len() {
			if !yield(list.Get(i)) {
				return
			}
		}
	}
}
