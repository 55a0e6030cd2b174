package server

import (
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	reflection "google.golang.org/grpc/reflection/grpc_reflection_v1"
	reflectionalpha "google.golang.org/grpc/reflection/grpc_reflection_v1alpha"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/taskscheduler/taskscheduler/admin"
	"github.com/taskscheduler/taskscheduler/service"
)

func TestReflectionListsServices(t *testing.T) {
	s := listenTest(t, Config{})
	serve(t, s)
	conn := dialGRPC(t, s.Addr(), nil)
	want := []string{service.Name, "grpc.health.v1.Health"}

	stream, err := reflection.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(&reflection.ServerReflectionRequest{
		MessageRequest: &reflection.ServerReflectionRequest_ListServices{},
	}); err != nil {
		t.Fatal(err)
	}
	answer, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, s := range answer.GetListServicesResponse().GetService() {
		got = append(got, s.GetName())
	}
	if slices.Sort(got); !slices.Equal(got, sorted(want)) {
		t.Errorf("v1 lists %q, want %q", got, want)
	}

	alpha, err := reflectionalpha.NewServerReflectionClient(conn).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := alpha.Send(&reflectionalpha.ServerReflectionRequest{
		MessageRequest: &reflectionalpha.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: service.Name},
	}); err != nil {
		t.Fatal(err)
	}
	alphaAnswer, err := alpha.Recv()
	if err != nil || len(alphaAnswer.GetFileDescriptorResponse().GetFileDescriptorProto()) == 0 {
		t.Errorf("v1alpha answered %v, %v", alphaAnswer, err)
	}
}

func sorted(names []string) []string { return slices.Sorted(slices.Values(names)) }

// Tools look up the types inside Any by name, since no file of the service
// imports them.
func TestReflectionResolvesArgumentTypes(t *testing.T) {
	s := listenTest(t, Config{})
	serve(t, s)
	client := reflection.NewServerReflectionClient(dialGRPC(t, s.Addr(), nil))
	for _, name := range []protoreflect.FullName{
		service.Name,
		"grpc.health.v1.Health",
		"google.protobuf.Int32Value", "google.protobuf.Int64Value",
		"google.protobuf.UInt32Value", "google.protobuf.UInt64Value",
		"google.protobuf.FloatValue", "google.protobuf.DoubleValue",
		"google.protobuf.BoolValue", "google.protobuf.StringValue", "google.protobuf.BytesValue",
		"taskscheduler.ListValue", "taskscheduler.MapValue",
	} {
		stream, err := client.ServerReflectionInfo(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := stream.Send(&reflection.ServerReflectionRequest{
			MessageRequest: &reflection.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: string(name)},
		}); err != nil {
			t.Fatal(err)
		}
		answer, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		set := new(descriptorpb.FileDescriptorSet)
		for _, encoded := range answer.GetFileDescriptorResponse().GetFileDescriptorProto() {
			file := new(descriptorpb.FileDescriptorProto)
			if err := proto.Unmarshal(encoded, file); err != nil {
				t.Fatal(err)
			}
			set.File = append(set.File, file)
		}
		files, err := protodesc.NewFiles(set)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := files.FindDescriptorByName(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestHealth(t *testing.T) {
	s := listenTest(t, Config{})
	serve(t, s)
	client := healthpb.NewHealthClient(dialGRPC(t, s.Addr(), nil))
	for _, name := range []string{"", service.Name, "grpc.health.v1.Health"} {
		response, err := client.Check(t.Context(), &healthpb.HealthCheckRequest{Service: name})
		if err != nil || response.GetStatus() != healthpb.HealthCheckResponse_SERVING {
			t.Errorf("%q: %v, %v", name, response, err)
		}
	}
	_, err := client.Check(t.Context(), &healthpb.HealthCheckRequest{Service: "unknown"})
	if status.Code(err) != codes.NotFound {
		t.Errorf("a service that isn't there: %v", err)
	}
}

// watch returns a stream of a service's health, after its first message.
func watch(t *testing.T, conn *grpc.ClientConn) grpc.ServerStreamingClient[healthpb.HealthCheckResponse] {
	t.Helper()
	stream, err := healthpb.NewHealthClient(conn).Watch(t.Context(), &healthpb.HealthCheckRequest{Service: service.Name})
	if err != nil {
		t.Fatal(err)
	}
	if first, err := stream.Recv(); err != nil || first.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		t.Fatalf("at first: %v, %v", first, err)
	}
	return stream
}

func TestAdminReflection(t *testing.T) {
	b := newAdminBench(t)
	stream, err := reflection.NewServerReflectionClient(dialGRPC(t, b.AdminAddr(), nil)).ServerReflectionInfo(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{admin.Name, "grpc.health.v1.Health"} {
		if err := stream.Send(&reflection.ServerReflectionRequest{
			MessageRequest: &reflection.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: name},
		}); err != nil {
			t.Fatal(err)
		}
		answer, err := stream.Recv()
		if err != nil || len(answer.GetFileDescriptorResponse().GetFileDescriptorProto()) == 0 {
			t.Errorf("%s: %v, %v", name, answer, err)
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Fatal(err)
	}
}
