package wire

import (
	"bytes"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/taskscheduler/taskscheduler/task"
)

// A TaskRequest is the contract's message of that name, read by this package:
// its arguments are still what the client sent, since most of what can be
// refused is known without them.
type TaskRequest struct {
	TaskID            string
	Method            string
	Args              Arguments
	Deps              []string
	IsAsync           bool
	Detached          bool
	DependencyTimeout uint64 // milliseconds
	InjectResults     bool
	ExecutionTimeout  uint64 // milliseconds
	DisableForwarding bool
	OriginNodeID      string

	Sequence       uint64
	TypedResult    bool
	Retry          *RetryPolicy // nil: not asked for
	StartAt        time.Time    // zero: not asked for
	Labels         map[string]string
	Durable        bool
	Priority       uint32
	ConcurrencyKey string

	// Refused says why a request is refused whatever it asks for: it has more of
	// something than a request may, which is not here then.
	Refused error
}

// A RetryPolicy is the contract's message of that name. Zero fields mean the
// contract's defaults.
type RetryPolicy struct {
	MaxAttempts                uint32
	InitialBackoff, MaxBackoff time.Duration
	Multiplier                 float64
	Codes                      []uint32
}

// Limits bound what one request may hold. They are looked at before anything
// that grows with the request is built.
type Limits struct {
	Dependencies int // of a task
	Tasks        int // of a batch
}

// Numbers of a TaskRequest's fields.
const (
	requestTaskID            = 1
	requestMethod            = 2
	requestArgs              = 3
	requestDeps              = 4
	requestIsAsync           = 5
	requestDetached          = 6
	requestDependencyTimeout = 7
	requestInjectResults     = 8
	requestExecutionTimeout  = 9
	requestDisableForwarding = 10
	requestOriginNodeID      = 11
	requestSequence          = 100
	requestTypedResult       = 101
	requestRetry             = 110
	requestStartAt           = 111
	requestLabels            = 112
	requestDurable           = 113
	requestPriority          = 114
	requestConcurrencyKey    = 115
)

// smallRequest is up to what size, in bytes, a request is kept whole by what is
// kept of it. Of a larger one the arguments are copied one by one, unless one is
// most of it: a value must not keep what nobody counts.
const smallRequest = 4 << 10

// ParseRequest reads a request's protobuf. The request doesn't share b's memory.
func ParseRequest(b []byte, limits Limits) (*TaskRequest, error) {
	r := new(TaskRequest)
	if err := r.parse(bytes.Clone(b), limits); err != nil {
		return nil, err
	}
	return r, nil
}

// Parse reads a request's protobuf into r, which is empty. Until its arguments
// are decoded they lie in b; their values don't.
func (r *TaskRequest) Parse(b []byte, limits Limits) error {
	err := r.parse(b, limits)
	r.Args.lent = true
	return err
}

// parse reads b, which r keeps. How much there is of anything is looked at
// before it is built, but for the arguments: a task that is known is answered
// whatever they are.
func (r *TaskRequest) parse(b []byte, limits Limits) error {
	var n counts
	f := fields{all: b}
	for f.next() {
		r.field(&f, &n, limits)
	}
	if n.deps > limits.Dependencies {
		r.Deps, r.Refused = nil, tooMany("dependencies", n.deps, limits.Dependencies)
	}
	if n.labels > MaxLabels {
		r.Labels = nil
		r.refuse(tooMany("labels", n.labels, MaxLabels))
	}
	apart := len(b) > smallRequest && (n.args > 1 || n.argBytes < len(b)/2)
	r.Args = Arguments{count: n.args, message: b, apart: apart}
	return f.err
}

// refuse notes the first reason to refuse r.
func (r *TaskRequest) refuse(err error) {
	if r.Refused == nil {
		r.Refused = err
	}
}

// counts are how many of a request's repeated fields there were, and how many
// bytes the arguments took.
type counts struct{ args, deps, labels, argBytes int }

// tooMany is the error for more of something than a request may have.
func tooMany(what string, n, limit int) error {
	if n <= limit {
		return nil // and no task.Error that is nil
	}
	return task.Errorf(task.InvalidArgument, "%d %s; at most %d", n, what, limit)
}

// field reads one field. The arguments are left for later.
func (r *TaskRequest) field(f *fields, n *counts, limits Limits) {
	switch f.number {
	case requestArgs:
		n.args++
		n.argBytes += len(f.bytes())
		f.as(protowire.BytesType)
	case requestTaskID:
		r.TaskID = f.ownString()
	case requestMethod:
		r.Method = f.ownString()
	case requestDeps:
		if n.deps++; f.as(protowire.BytesType) && n.deps <= limits.Dependencies {
			r.Deps = append(r.Deps, f.ownString())
		}
	case requestIsAsync:
		r.IsAsync = f.varint() != 0
	case requestDetached:
		r.Detached = f.varint() != 0
	case requestDependencyTimeout:
		r.DependencyTimeout = f.varint()
	case requestInjectResults:
		r.InjectResults = f.varint() != 0
	case requestExecutionTimeout:
		r.ExecutionTimeout = f.varint()
	case requestDisableForwarding:
		r.DisableForwarding = f.varint() != 0
	case requestOriginNodeID:
		r.OriginNodeID = f.ownString()
	default:
		r.addition(f, n)
	}
}

// addition reads one of the fields that the predecessor doesn't have.
func (r *TaskRequest) addition(f *fields, n *counts) {
	switch f.number {
	case requestSequence:
		r.Sequence = f.varint()
	case requestTypedResult:
		r.TypedResult = f.varint() != 0
	case requestRetry:
		if r.Retry == nil {
			r.Retry = new(RetryPolicy)
		}
		f.message(r.Retry.field)
	case requestStartAt:
		var at moment
		f.message(at.field)
		f.note(at.into(&r.StartAt))
	case requestLabels:
		if n.labels++; f.as(protowire.BytesType) && n.labels <= MaxLabels {
			r.label(f)
		}
	case requestDurable:
		r.Durable = f.varint() != 0
	case requestPriority:
		r.Priority = uint32(f.varint())
	case requestConcurrencyKey:
		r.ConcurrencyKey = f.ownString()
	}
}

func (r *TaskRequest) label(f *fields) {
	var key, value string
	f.message(func(f *fields) {
		switch f.number {
		case fieldKey:
			key = f.ownString()
		case fieldItem:
			value = f.ownString()
		}
	})
	r.addLabel(key, value)
}
