//go:build unix

package cmd_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"connectrpc.com/grpcreflect"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// grpcurl does what the program of that name does, which is a large thing to
// need for a page of documentation: a call by reflection alone. Of a stream it
// returns the first message, for which it runs tasks.
func (d *docsServer) grpcurl(t *testing.T, command string) string {
	t.Helper()
	words, err := d.shell(t, strings.Replace(command, "grpcurl", `printf '%s\n'`, 1)).Output()
	if err != nil {
		t.Fatal(err)
	}
	args := strings.Split(strings.TrimSpace(string(words)), "\n")
	data := "{}"
	if i := slices.Index(args, "-d"); i >= 0 {
		data = args[i+1]
		args = slices.Delete(args, i, i+2)
	}
	if len(args) != 3 || args[0] != "-plaintext" {
		t.Fatalf("%s: want -plaintext, -d, an address and a method", command)
	}
	var protocols http.Protocols
	protocols.SetUnencryptedHTTP2(true)
	transport := &http.Transport{Protocols: &protocols}
	defer transport.CloseIdleConnections()
	caller := &reflectiveCaller{http: &http.Client{Transport: transport}, url: "http://" + args[1]}
	answer, err := caller.call(t.Context(), args[2], data, func(told <-chan struct{}) { d.runTasks(t, told) })
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	var indented bytes.Buffer // protojson's own is not the same in each build
	if err := json.Indent(&indented, answer, "", "  "); err != nil {
		t.Fatal(err)
	}
	return indented.String()
}

type reflectiveCaller struct {
	http *http.Client
	url  string
}

func (c *reflectiveCaller) call(
	ctx context.Context, path, data string, meanwhile func(told <-chan struct{}),
) (answer []byte, err error) {
	service, name, _ := strings.Cut(path, "/")
	method, err := c.method(ctx, service, name)
	if err != nil {
		return nil, err
	}
	request := dynamicpb.NewMessage(method.Input())
	if err := protojson.Unmarshal([]byte(data), request); err != nil {
		return nil, err
	}
	rpc := connect.NewClient[dynamicpb.Message, dynamicpb.Message](c.http, c.url+"/"+path, connect.WithGRPC(),
		connect.WithSchema(method), connect.WithResponseInitializer(func(_ connect.Spec, message any) error {
			*message.(*dynamicpb.Message) = *dynamicpb.NewMessage(method.Output())
			return nil
		}))
	if !method.IsStreamingServer() {
		response, err := rpc.CallUnary(ctx, connect.NewRequest(request))
		if err != nil {
			return nil, err
		}
		return protojson.Marshal(response.Msg)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := rpc.CallServerStream(ctx, connect.NewRequest(request))
	if err != nil {
		return nil, err
	}
	told := make(chan struct{})
	received := false
	go func() {
		defer close(told)
		received = stream.Receive()
	}()
	meanwhile(told)
	if !received {
		return nil, stream.Err()
	}
	return protojson.Marshal(stream.Msg())
}

// method asks the server for the description of a method.
func (c *reflectiveCaller) method(ctx context.Context, service, name string) (protoreflect.MethodDescriptor, error) {
	reflection := grpcreflect.NewClient(c.http, c.url, connect.WithGRPC()).NewStream(ctx)
	defer reflection.Close()
	files, err := reflection.FileContainingSymbol(protoreflect.FullName(service))
	if err != nil {
		return nil, err
	}
	set := &descriptorpb.FileDescriptorSet{File: files}
	for i := 0; i < len(set.GetFile()); i++ { //nolint:intrange // the loop appends to what it goes over
		for _, wanted := range set.GetFile()[i].GetDependency() {
			if slices.ContainsFunc(set.GetFile(), func(f *descriptorpb.FileDescriptorProto) bool { return f.GetName() == wanted }) {
				continue
			}
			more, err := reflection.FileByFilename(wanted)
			if err != nil {
				return nil, err
			}
			set.File = append(set.File, more...)
		}
	}
	known, err := protodesc.NewFiles(set)
	if err != nil {
		return nil, err
	}
	found, err := known.FindDescriptorByName(protoreflect.FullName(service + "." + name))
	if err != nil {
		return nil, err
	}
	return found.(protoreflect.MethodDescriptor), nil
}
