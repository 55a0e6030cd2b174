package wire

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"

	"github.com/taskscheduler/taskscheduler/internal/jsontext"
	"github.com/taskscheduler/taskscheduler/task"
)

// The fields of a TaskRequest under both spellings of their names. The numbers
// are only those of the switches below: they fit 32 bits of "seen".
//
//nolint:gochecknoglobals // constants, but that Go has none of maps
var (
	requestFields = jsonNames(
		"taskId", "method", "args", "deps", "isAsync", "detached", "dependencyTimeoutMs", "injectDependencyResults",
		"executionTimeoutMs", "disableForwarding", "originNodeId",
		"sequence", "typedResult", "retry", "startAt", "labels", "durable", "priority", "concurrencyKey")
	policyFields = jsonNames("maxAttempts", "initialBackoff", "maxBackoff", "multiplier", "codes")
	batchFields  = jsonNames("tasks")
)

// Places of the additions in requestFields, after the predecessor's eleven.
const (
	jsonSequence = requestOriginNodeID + 1 + iota
	jsonTypedResult
	jsonRetry
	jsonStartAt
	jsonLabels
	jsonDurable
	jsonPriority
	jsonConcurrencyKey
)

var upper = regexp.MustCompile("[A-Z]")

// jsonNames numbers names from 1, each in lowerCamelCase and in snake_case.
func jsonNames(names ...string) map[string]int {
	numbers := make(map[string]int, 2*len(names))
	for i, name := range names {
		numbers[name] = i + 1
		numbers[strings.ToLower(upper.ReplaceAllString(name, "_$0"))] = i + 1
	}
	return numbers
}

// ParseRequestJSON reads a request's JSON. The request doesn't share b's memory.
func ParseRequestJSON(b []byte, limits Limits) (*TaskRequest, error) {
	text, err := jsontext.Check(bytes.Clone(b), maxJSONDepth)
	if err != nil {
		return nil, err
	}
	r := reader{Cursor: text.Cursor()}
	request := r.request(&text, limits)
	return request, r.err
}

func (r *reader) request(text *jsontext.Text, limits Limits) *TaskRequest {
	request := new(TaskRequest)
	r.object(requestFields, func(number int) {
		switch number {
		case requestTaskID:
			request.TaskID = r.string()
		case requestMethod:
			request.Method = r.string()
		case requestArgs:
			request.Args = r.arguments(text)
		case requestDeps:
			request.Deps = r.deps(request, limits)
		case requestIsAsync:
			request.IsAsync = r.bool()
		case requestDetached:
			request.Detached = r.bool()
		case requestDependencyTimeout:
			request.DependencyTimeout = r.uint(64)
		case requestInjectResults:
			request.InjectResults = r.bool()
		case requestExecutionTimeout:
			request.ExecutionTimeout = r.uint(64)
		case requestDisableForwarding:
			request.DisableForwarding = r.bool()
		case requestOriginNodeID:
			request.OriginNodeID = r.string()
		default:
			r.addition(request, number)
		}
	})
	return request
}

func (r *reader) addition(request *TaskRequest, number int) {
	switch number {
	case jsonSequence:
		request.Sequence = r.uint(64)
	case jsonTypedResult:
		request.TypedResult = r.bool()
	case jsonRetry:
		request.Retry = r.policy()
	case jsonStartAt:
		request.StartAt = r.time()
	case jsonLabels:
		r.labels(request)
	case jsonDurable:
		request.Durable = r.bool()
	case jsonPriority:
		request.Priority = uint32(r.uint(32))
	case jsonConcurrencyKey:
		request.ConcurrencyKey = r.string()
	}
}

// arguments passes over the list of arguments, and notes where it is.
func (r *reader) arguments(text *jsontext.Text) Arguments {
	a := Arguments{text: text, at: r.Cursor}
	r.list(func() {
		a.count++
		r.Skip()
	})
	return a
}

func (r *reader) deps(request *TaskRequest, limits Limits) []string {
	var deps []string
	count := 0
	r.list(func() {
		if count++; count <= limits.Dependencies {
			deps = append(deps, r.string())
		} else {
			r.Skip()
		}
	})
	request.refuse(tooMany("dependencies", count, limits.Dependencies))
	return deps
}

func (r *reader) labels(request *TaskRequest) {
	count := 0
	if !r.want(jsontext.Object, "an object") {
		return
	}
	r.Enter()
	for r.err == nil && r.More() {
		key := r.Key()
		if _, twice := request.Labels[key]; twice {
			r.fail(fmt.Errorf("%s is there twice", quote(key)))
		}
		value := r.string()
		if count++; count <= MaxLabels {
			request.addLabel(key, value)
		}
	}
	request.refuse(tooMany("labels", count, MaxLabels))
}

func (r *reader) policy() *RetryPolicy {
	p := new(RetryPolicy)
	r.object(policyFields, func(number int) {
		switch number {
		case policyMaxAttempts:
			p.MaxAttempts = uint32(r.uint(32))
		case policyInitialBackoff:
			p.InitialBackoff = r.duration()
		case policyMaxBackoff:
			p.MaxBackoff = r.duration()
		case policyMultiplier:
			p.Multiplier = r.float(64)
		case policyCodes:
			r.list(func() {
				if err := p.addCode(uint32(r.uint(32))); err != nil {
					r.fail(err)
				}
			})
		}
	})
	return p
}

// decodeJSON is the end of Arguments.Decode for a request that came as JSON.
func (a *Arguments) decodeJSON(values []task.Value) (_ []task.Value, size int, err error) {
	r := reader{Cursor: a.at}
	r.list(func() {
		values = append(values, r.value(0))
	})
	if r.err != nil {
		return nil, 0, argumentError(len(values)-1, r.err)
	}
	return values, r.Offset() - a.at.Offset(), nil
}
