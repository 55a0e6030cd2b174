package client

import (
	"context"

	taskschedulerpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// A Description says what a method takes and does.
type Description struct {
	Method string
	// Signature is its parameters and result, "(factors: int64...) -> int64", in the
	// grammar of abi/task_plugin.h. Empty: the server doesn't know.
	Signature string
	// Doc is a sentence or a few for people, or empty.
	Doc string
	// Plugin is the name of the plugin that it comes from, and Version what that
	// says of its own. Both are empty for a Go function in the server.
	Plugin, Version string
	// Async methods wait on something; the others keep a core busy.
	Async bool
}

// Describe tells what a method takes and does. For an unknown one the error's code
// is NOT_FOUND, and its message names those that are spelled most like it.
func (c *Client) Describe(ctx context.Context, method string) (Description, error) {
	found, err := call(ctx, c, c.rpc.DescribeTask, &taskschedulerpb.DescribeTaskRequest{Method: method})
	if err != nil {
		return Description{}, err
	}
	return Description{
		Method: found.GetMethod(), Signature: found.GetSignature(), Doc: found.GetDoc(),
		Plugin: found.GetPlugin(), Version: found.GetVersion(), Async: found.GetIsAsync(),
	}, nil
}
