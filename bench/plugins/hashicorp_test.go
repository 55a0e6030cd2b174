package plugins

import (
	"context"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// handshake is what host and plugin of hashicorp/go-plugin agree on.
var handshake = plugin.HandshakeConfig{
	ProtocolVersion: 1, MagicCookieKey: "BENCH_PLUGIN", MagicCookieValue: "echo",
}

var plugins = map[string]plugin.Plugin{"echo": &hashicorpPlugin{}}

// A hashicorpPlugin is the echo as hashicorp/go-plugin wants it: a gRPC service
// that the plugin's process has, and a client of it in the host.
type hashicorpPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (*hashicorpPlugin) GRPCServer(_ *plugin.GRPCBroker, server *grpc.Server) error {
	server.RegisterService(&echoService, struct{}{})
	return nil
}

func (*hashicorpPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return echo(func(ctx context.Context, text string) (string, error) {
		var answer wrapperspb.StringValue
		err := conn.Invoke(ctx, "/bench.Echo/Echo", wrapperspb.String(text), &answer)
		return answer.GetValue(), err
	}), nil
}

// echoService is what protoc-gen-go-grpc makes of a service with one method.
var echoService = grpc.ServiceDesc{
	ServiceName: "bench.Echo",
	HandlerType: (*any)(nil),
	Methods: []grpc.MethodDesc{{
		MethodName: "Echo",
		Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			var request wrapperspb.StringValue
			if err := decode(&request); err != nil {
				return nil, err
			}
			return wrapperspb.String(request.GetValue()), nil
		},
	}},
}

func benchmarkHashicorp(b *testing.B) {
	b.Helper()
	command := again(b)
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: handshake, Plugins: plugins, Cmd: command,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.NewNullLogger(),
	})
	defer client.Kill()
	protocol, err := client.Client()
	if err != nil {
		b.Fatal(err)
	}
	found, err := protocol.Dispense("echo")
	if err != nil {
		b.Fatal(err)
	}
	benchmarkEcho(b, found.(echo), command.Process.Pid)
}
