// Package load drives a server with tasks, over HTTP/2 in frames made by hand, so
// that it takes less of the machine than what it drives: one goroutine works on
// a connection, writes are gathered, and nothing is allocated for a call. Every
// task has an id of its own, and every answer is checked.
package load

import (
	"crypto/x509"
	"time"

	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/taskschedulerpbconnect"
)

// A Kind is a way to submit tasks.
type Kind int

// What there is: a gRPC call for each task; the same by Connect's protocol; a
// gRPC call for many; a stream of them; and a call that submits a detached task
// and another that waits for it.
const (
	Unary Kind = iota
	Connect
	Batch
	Stream
	Detached
)

func (k Kind) path() string {
	switch k {
	case Batch:
		return taskschedulerpbconnect.TaskSchedulerSubmitBatchProcedure
	case Stream:
		return taskschedulerpbconnect.TaskSchedulerSubmitTasksProcedure
	case Unary, Connect, Detached:
	}
	return taskschedulerpbconnect.TaskSchedulerSubmitTaskProcedure
}

// A Plan says what to send.
type Plan struct {
	Kind Kind
	Task Task
	// Connections is how many there are, InFlight how many calls, or tasks of a
	// stream, are in flight on each.
	Connections, InFlight int
	// Batch is how many tasks a call carries.
	Batch int
	// Rate is how many calls a second become due, whatever the server does; a
	// call's latency counts from then. Zero: a new call when another has ended.
	Rate float64
	// WarmUp is how long it goes on before it counts, Duration how long it counts.
	WarmUp, Duration time.Duration
	// Trust are the authorities to speak TLS with. Nil: plain text.
	Trust *x509.CertPool
	// Meter tells how much of something the server has taken so far: nanoseconds
	// of processor time, or allocations. Nil: it isn't asked for.
	Meter func() int64
}

// tasks is how many a call has.
func (p *Plan) tasks() int64 {
	if p.Kind == Batch {
		return int64(p.Batch)
	}
	return 1
}

// requestBytes is more than a request takes.
func (p *Plan) requestBytes() int {
	const idBytes = 64 // and what is around it
	return int(p.tasks())*(len(p.Task.rest)+idBytes) + idBytes
}

// A Result is what a run of a plan was like.
type Result struct {
	Took time.Duration
	// Latencies has one for each task.
	Latencies Latencies
	// Metered is what the server has taken by the plan's Meter, Generator the
	// processor time of this process.
	Metered   int64
	Generator time.Duration
}

// Rate is how many tasks a second have ended.
func (r *Result) Rate() float64 { return float64(r.Latencies.Count()) / r.Took.Seconds() }

// PerTask is what the server has taken for a task.
func (r *Result) PerTask() float64 { return float64(r.Metered) / float64(max(r.Latencies.Count(), 1)) }
