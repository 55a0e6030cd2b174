package proto_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

type fileProto = descriptorpb.FileDescriptorProto

// TestBreachesAreFound changes the contract in many ways; each must be seen.
func TestBreachesAreFound(t *testing.T) {
	tests := []struct {
		name   string
		change func(*fileProto)
		want   string // a part of the sentences; empty when the change is allowed
	}{
		{"number", func(f *fileProto) { field(f, "method").Number = new(int32(12)) }, "string method = 2"},
		{"name", func(f *fileProto) { field(f, "method").Name = new("task") }, "string task = 2"},
		{"type", func(f *fileProto) {
			field(f, "execution_timeout_ms").Type = descriptorpb.FieldDescriptorProto_TYPE_INT64.Enum()
		}, "int64 execution_timeout_ms = 9"},
		{"label", func(f *fileProto) {
			field(f, "deps").Label = descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum()
		}, "repeated string deps = 4"},
		{"presence", func(f *fileProto) {
			field(f, "detached").Proto3Optional = new(true)
			field(f, "detached").OneofIndex = new(int32(0))
			message(f, "TaskRequest").OneofDecl = []*descriptorpb.OneofDescriptorProto{{Name: new("_detached")}}
		}, "optional bool detached = 6"},
		{"removed", func(f *fileProto) { message(f, "PeerInfo").Field = nil }, "bool alive = 3"},
		{"added below", func(f *fileProto) { add(f, "NodeInfoRequest", 99) }, "string extra = 99"},
		{"added above", func(f *fileProto) { add(f, "NodeInfoRequest", firstOfOurs) }, ""},
		{"addition's number", func(f *fileProto) { field(f, "retry").Number = new(int32(116)) }, "RetryPolicy retry = 110"},
		{"addition removed", func(f *fileProto) { message(f, "RetryPolicy").Field = nil }, "double multiplier = 4"},
		{"own message", func(f *fileProto) {
			f.MessageType = append(f.MessageType, &descriptorpb.DescriptorProto{Name: new("Ours")})
			add(f, "Ours", 1)
		}, ""},
		{"enum value", func(f *fileProto) {
			status(f).Value[3].Name = new("ACTIVE")
		}, "RUNNING = 3"},
		{"added enum value", func(f *fileProto) {
			lost := &descriptorpb.EnumValueDescriptorProto{Name: new("LOST"), Number: new(int32(6))}
			status(f).Value = append(status(f).Value, lost)
		}, "LOST = 6"},
		{"rpc", func(f *fileProto) { f.Service[0].Method[0].Name = new("Submit") }, "SubmitTask"},
		{"stream", func(f *fileProto) {
			f.Service[0].Method[0].ServerStreaming = new(true)
		}, "SubmitTask(TaskRequest) TaskResponse"},
		{"service", func(f *fileProto) { f.Service[0].Name = new("Tasks") }, "GetNodeInfo"},
		{"package", func(f *fileProto) {
			*f = fileProto{Name: f.Name, Syntax: f.Syntax, Package: new("tasks")}
		}, "package taskscheduler"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			changed := protodesc.ToFileDescriptorProto(taskschedulerpb.File_taskscheduler_task_scheduler_proto)
			test.change(changed)
			file, err := protodesc.NewFile(changed, protoregistry.GlobalFiles)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(breaches(file), "\n")
			if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want it to contain %q", got, test.want)
			}
		})
	}
}

func message(f *fileProto, name string) *descriptorpb.DescriptorProto {
	at := slices.IndexFunc(f.MessageType, func(m *descriptorpb.DescriptorProto) bool { return m.GetName() == name })
	return f.MessageType[at]
}

func field(f *fileProto, name string) *descriptorpb.FieldDescriptorProto {
	fields := message(f, "TaskRequest").Field
	at := slices.IndexFunc(fields, func(d *descriptorpb.FieldDescriptorProto) bool { return d.GetName() == name })
	return fields[at]
}

func status(f *fileProto) *descriptorpb.EnumDescriptorProto {
	return message(f, "TaskResponse").EnumType[0]
}

func add(f *fileProto, to string, number int32) {
	message(f, to).Field = append(message(f, to).Field, &descriptorpb.FieldDescriptorProto{
		Name:   new("extra"),
		Number: new(number),
		Type:   descriptorpb.FieldDescriptorProto_TYPE_STRING.Enum(),
		Label:  descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
	})
}
