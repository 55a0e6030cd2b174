package wire

import (
	"maps"
	"math"
	"slices"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/taskscheduler/taskscheduler/task"
)

// Encode returns the request as protobuf, for those who keep it: what
// [ParseRequest] reads. deps are its dependencies, whether it has them or not.
// It must not have been dropped, and the bytes may be those that it came in. The
// error is a [task.Error] about an argument.
func (r *TaskRequest) Encode(deps []string) ([]byte, error) {
	if r.Args.message != nil {
		return r.Args.message, nil
	}
	args, _, err := r.Args.Decode(math.MaxInt)
	if err != nil {
		return nil, err
	}
	return r.EncodeWith(args, deps)
}

// EncodeWith is Encode of a request that has these arguments.
func (r *TaskRequest) EncodeWith(args []task.Value, deps []string) (b []byte, err error) {
	b = appendText(b, requestTaskID, r.TaskID)
	b = appendText(b, requestMethod, r.Method)
	for i, v := range args {
		b = protowire.AppendTag(b, requestArgs, protowire.BytesType)
		start := len(b)
		if b, err = appendAny(b, v, 0); err != nil {
			return nil, argumentError(i, err)
		}
		b = insertLength(b, start)
	}
	for _, id := range deps {
		b = protowire.AppendTag(b, requestDeps, protowire.BytesType)
		b = protowire.AppendString(b, id)
	}
	b = appendNumber(b, requestIsAsync, protowire.EncodeBool(r.IsAsync))
	b = appendNumber(b, requestDetached, protowire.EncodeBool(r.Detached))
	b = appendNumber(b, requestDependencyTimeout, r.DependencyTimeout)
	b = appendNumber(b, requestInjectResults, protowire.EncodeBool(r.InjectResults))
	b = appendNumber(b, requestExecutionTimeout, r.ExecutionTimeout)
	b = appendNumber(b, requestDisableForwarding, protowire.EncodeBool(r.DisableForwarding))
	b = appendText(b, requestOriginNodeID, r.OriginNodeID)
	return r.appendAdditions(b), nil
}

// FromNode returns an encoded request as a node hands it on to another one.
func FromNode(request []byte, node string) []byte {
	return appendText(slices.Clip(request), requestOriginNodeID, node)
}

// EncodeBatch returns encoded requests as a batch.
func EncodeBatch(requests [][]byte) (b []byte) {
	for _, request := range requests {
		b = protowire.AppendTag(b, batchTasks, protowire.BytesType)
		b = protowire.AppendBytes(b, request)
	}
	return b
}

func (r *TaskRequest) appendAdditions(b []byte) []byte {
	b = appendNumber(b, requestSequence, r.Sequence)
	b = appendNumber(b, requestTypedResult, protowire.EncodeBool(r.TypedResult))
	if r.Retry != nil {
		b = protowire.AppendTag(b, requestRetry, protowire.BytesType)
		b = protowire.AppendBytes(b, r.Retry.append(nil))
	}
	if !r.StartAt.IsZero() {
		b = appendMoment(b, requestStartAt, r.StartAt.Unix(), r.StartAt.Nanosecond())
	}
	for _, key := range slices.Sorted(maps.Keys(r.Labels)) {
		b = protowire.AppendTag(b, requestLabels, protowire.BytesType)
		b = protowire.AppendBytes(b, appendText(appendText(nil, fieldKey, key), fieldItem, r.Labels[key]))
	}
	b = appendNumber(b, requestDurable, protowire.EncodeBool(r.Durable))
	b = appendNumber(b, requestPriority, uint64(r.Priority))
	return appendText(b, requestConcurrencyKey, r.ConcurrencyKey)
}

func (p *RetryPolicy) append(b []byte) []byte {
	b = appendNumber(b, policyMaxAttempts, uint64(p.MaxAttempts))
	b = appendDuration(b, policyInitialBackoff, p.InitialBackoff)
	b = appendDuration(b, policyMaxBackoff, p.MaxBackoff)
	if bits := math.Float64bits(p.Multiplier); bits != 0 {
		b = protowire.AppendTag(b, policyMultiplier, protowire.Fixed64Type)
		b = protowire.AppendFixed64(b, bits)
	}
	for _, code := range p.Codes {
		b = protowire.AppendTag(b, policyCodes, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(code))
	}
	return b
}

func appendDuration(b []byte, number protowire.Number, d time.Duration) []byte {
	if d == 0 {
		return b
	}
	return appendMoment(b, number, int64(d/time.Second), int(d%time.Second))
}

// appendMoment appends a google.protobuf.Timestamp or Duration.
func appendMoment(b []byte, number protowire.Number, seconds int64, nanos int) []byte {
	b = protowire.AppendTag(b, number, protowire.BytesType)
	return protowire.AppendBytes(b, appendNumber(appendNumber(nil, 1, uint64(seconds)), 2, uint64(nanos)))
}

// appendText appends a string that has been read, so it is UTF-8.
func appendText(b []byte, number protowire.Number, s string) []byte {
	if s == "" {
		return b
	}
	b = protowire.AppendTag(b, number, protowire.BytesType)
	return protowire.AppendString(b, s)
}
