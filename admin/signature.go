package admin

import (
	"context"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/signature"
	"github.com/taskscheduler/taskscheduler/task"
)

// GetTask implements the rpc of that name.
func (s *service) GetTask(_ context.Context, request *pb.GetTaskRequest) (*pb.GetTaskResponse, error) {
	t := s.config.Tasks.Lookup(request.GetName())
	if t == nil {
		return nil, rpc.Error(task.Errorf(task.NotFound, "there is no task of this name"))
	}
	response := &pb.GetTaskResponse{Task: s.describeTasks([]*task.Task{t})[0]}
	if t.Signature == "" {
		return response, nil
	}
	if read, err := signature.Parse(t.Signature); err == nil { // a form can do without
		response.Signature = describeSignature(read)
	}
	return response, nil
}

func describeSignature(read *signature.Signature) *pb.Signature {
	described := &pb.Signature{Result: describeType(&read.Result)}
	for i := range read.Parameters {
		p := &read.Parameters[i]
		described.Parameters = append(described.Parameters, &pb.Parameter{
			Name: p.Name, Type: describeType(&p.Type), Optional: p.Optional, Variadic: p.Variadic,
		})
	}
	return described
}

func describeType(t *signature.Type) *pb.ValueType {
	described := &pb.ValueType{Kind: "any", Exact: t.Exact}
	if !t.Any {
		described.Kind = t.Kind.String()
	}
	if t.Item != nil {
		described.Item = describeType(t.Item)
	}
	for i := range t.Fields {
		f := &t.Fields[i]
		described.Fields = append(described.Fields, &pb.MapField{Name: f.Name, Type: describeType(&f.Type), Optional: f.Optional})
	}
	return described
}
