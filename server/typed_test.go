package server

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// TestKindsOfPlugins: a plugin gets a number of any kind as the one that it asks
// for, if that holds it exactly, and what it returns is answered in its own kind.
func TestKindsOfPlugins(t *testing.T) {
	dir := t.TempDir()
	content, err := os.ReadFile(plugintest.Compile(t, filepath.Join("testdata", "kinds.c")))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "libkinds.so"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	s := listenTest(t, Config{LibraryDir: dir, PluginDirUnchecked: true})
	serve(t, s)
	conn := dialGRPC(t, s.Addr(), nil)
	call := func(task string, arg proto.Message) (*pb.TaskResponse, error) {
		return submit(t.Context(), conn, &pb.TaskRequest{
			Method: "kinds::" + task, Args: []*anypb.Any{pack(t, arg)}, TypedResult: true,
		})
	}
	fives := map[string]proto.Message{
		"int32": wrapperspb.Int32(5), "int64": wrapperspb.Int64(5), "uint32": wrapperspb.UInt32(5),
		"uint64": wrapperspb.UInt64(5), "float": wrapperspb.Float(5), "double": wrapperspb.Double(5),
	}
	for asked, want := range fives {
		for given, arg := range fives {
			answer, err := call(asked, arg)
			if err != nil || !proto.Equal(answer.GetValue(), pack(t, want)) {
				t.Errorf("%s as %s: %v, %v", given, asked, answer, err)
			}
		}
		if _, err := call(asked, wrapperspb.String("5")); status.Code(err) != codes.InvalidArgument {
			t.Errorf("a string as %s: %v", asked, err)
		}
	}
	for asked, arg := range map[string]proto.Message{
		"int32": wrapperspb.Int64(1 << 31), "int64": wrapperspb.Double(0.5), "uint32": wrapperspb.Int32(-1),
		"uint64": wrapperspb.Double(-5), "float": wrapperspb.Double(0.1), "double": wrapperspb.UInt64(1<<53 + 1),
	} {
		if _, err := call(asked, arg); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%v as %s: %v", arg, asked, err)
		}
	}
	list := &pb.ListValue{Values: []*anypb.Any{
		pack(t, wrapperspb.Bytes([]byte{0, 255})), pack(t, wrapperspb.UInt32(7)), pack(t, &pb.MapValue{
			Fields: map[string]*anypb.Any{"x": pack(t, wrapperspb.Float(0.1))},
		}),
	}}
	for _, arg := range []proto.Message{list, wrapperspb.Bytes([]byte("raw")), wrapperspb.Bool(false), wrapperspb.String("5")} {
		answer, err := call("any", arg)
		if err != nil || !proto.Equal(answer.GetValue(), pack(t, arg)) {
			t.Errorf("%v: %v, %v", arg, answer, err)
		}
	}
}
