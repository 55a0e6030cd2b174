// Package compare drives each server in each way, in turn and several times, and
// makes tables and pictures of what came of it.
package compare

import (
	"strings"

	"github.com/taskscheduler/taskscheduler/bench/internal/load"
	"github.com/taskscheduler/taskscheduler/bench/internal/servers"
)

// A Case is a server and a way to drive it.
type Case struct {
	// Group is what it is compared within, Name what it is called there.
	Group, Name string
	Server      servers.Kind
	Options     servers.Options
	Plan        load.Plan
	// Kept is how many tasks are done before, so that their results are there.
	Kept int64
}

// Groups, in the order of the tables.
const (
	unary    = "Unary: a gRPC call for each task"
	secure   = "Unary over TLS"
	connect  = "Unary by the Connect protocol, protobuf"
	stream   = "SubmitTasks: one stream on one connection"
	batch    = "SubmitBatch: a call for 100 tasks"
	detached = "Detached, and a second call that waits"
	plugin   = "Echo of 100 bytes"
	kept     = "Unary, after a million tasks whose results are kept"
)

var groups = []string{unary, secure, connect, stream, batch, detached, plugin, kept}

const (
	connections = 4
	inFlight    = 32
	onStream    = 512
	batchTasks  = 100
	batches     = 2 // in flight on each connection
)

// Cases are all that is compared; those with a plugin only if there is one.
func Cases(w *servers.Workshop) []Case {
	call := load.Plan{Kind: load.Unary, Task: load.Add(), Connections: connections, InFlight: inFlight}
	tls, byConnect, waiting := call, call, call
	tls.Trust = w.Trust()
	byConnect.Kind = load.Connect
	waiting.Kind = load.Detached
	streamed := load.Plan{Kind: load.Stream, Task: load.Add(), Connections: 1, InFlight: onStream}
	batched := load.Plan{Kind: load.Batch, Task: load.Add(), Connections: connections, InFlight: batches, Batch: batchTasks}
	overTLS := servers.Options{TLS: true}
	var none servers.Options

	all := []Case{}
	add := func(group string, plan load.Plan, options servers.Options, kinds ...servers.Kind) {
		for _, kind := range kinds {
			all = append(all, Case{Group: group, Name: string(kind), Server: kind, Options: options, Plan: plan})
		}
	}
	add(unary, call, none, servers.Service, servers.GRPCGo, servers.ConnectGo)
	add(secure, tls, overTLS, servers.Service, servers.GRPCGo, servers.ConnectGo)
	add(connect, byConnect, none, servers.Service, servers.ConnectGo)
	add(stream, streamed, none, servers.Service, servers.GRPCGo)
	add(batch, batched, none, servers.Service, servers.GRPCGo)
	add(detached, waiting, none, servers.Service)
	all = append(all, plugins(w, call)...)
	add(kept, call, none, servers.Service)
	all[len(all)-1].Kept = 1_000_000
	return all
}

// plugins are an echo by a Go function of the server's own, and by a plugin.
func plugins(w *servers.Workshop, call load.Plan) []Case {
	if !w.HasPlugin() {
		return nil
	}
	text := strings.Repeat("x", 100)
	var cases []Case
	for _, each := range []struct{ name, method string }{{builtIn, "echo_string"}, {ofPlugin, "echo::echo"}} {
		plan := call
		plan.Task = load.Echo(each.method, text)
		cases = append(cases, Case{
			Group: plugin, Name: each.name, Server: servers.Service, Options: servers.Options{Plugin: true}, Plan: plan,
		})
	}
	return cases
}

const (
	builtIn  = "a Go function in the server"
	ofPlugin = "a C plugin, in a process of its own"
)
