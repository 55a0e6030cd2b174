package wire

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/taskscheduler/taskscheduler/internal/jsontext"
)

// A BatchRequest is the contract's message of that name.
type BatchRequest struct{ Tasks []TaskRequest }

// A BatchResponse is the contract's message of that name.
type BatchResponse struct{ Results []TaskResponse }

// Numbers of their fields.
const (
	batchTasks   = 1
	batchResults = 1
)

// errNull is for a null where protobuf's JSON has none.
var errNull = errors.New("null is not a task")

// ParseBatch reads a batch's protobuf. The batch doesn't share b's memory.
func ParseBatch(b []byte, limits Limits) (*BatchRequest, error) {
	count, err := countFields(b, batchTasks)
	if err == nil {
		err = tooMany("tasks", count, limits.Tasks)
	}
	if err != nil {
		return nil, err
	}
	batch := newBatch(count)
	f := fields{all: bytes.Clone(b)}
	for i := 0; f.next(); {
		if f.number != batchTasks {
			continue
		}
		if err := batch.Tasks[i].Parse(f.bytes(), limits); err != nil { // lent: one that stays must not keep the others
			return nil, batchError(i, err)
		}
		i++
	}
	return batch, nil
}

// KeptBatch is up to how many tasks a batch's room is used again.
const KeptBatch = 1000

var taskLists = sync.Pool{New: func() any { return new([]TaskRequest) }}

func newBatch(count int) *BatchRequest {
	list := *taskLists.Get().(*[]TaskRequest) //nolint:forcetypeassert // the pool has nothing else
	if cap(list) < count {
		list = make([]TaskRequest, 0, count)
	}
	return &BatchRequest{Tasks: list[:count]}
}

// Free lets another batch have the room of this one, of which nothing may be in
// use any more.
func (b *BatchRequest) Free() {
	list := b.Tasks
	b.Tasks = nil
	if cap(list) > 0 && cap(list) <= KeptBatch {
		clear(list)
		list = list[:0]
		taskLists.Put(&list)
	}
}

// batchError says which task of a batch is wrong, counting from 0 as the
// contract's results do.
func batchError(index int, err error) error { return fmt.Errorf("tasks[%d]: %w", index, err) }

// ParseBatchJSON reads a batch's JSON. The batch doesn't share b's memory.
func ParseBatchJSON(b []byte, limits Limits) (*BatchRequest, error) {
	text, err := jsontext.Check(bytes.Clone(b), maxJSONDepth)
	if err != nil {
		return nil, err
	}
	batch := new(BatchRequest)
	r := reader{Cursor: text.Cursor()}
	r.object(batchFields, func(int) {
		r.list(func() {
			index := len(batch.Tasks)
			if err := tooMany("tasks", index+1, limits.Tasks); err != nil {
				r.fail(err)
				return
			}
			if r.Kind() == jsontext.Null {
				r.fail(batchError(index, errNull))
				return
			}
			batch.Tasks = append(batch.Tasks, *r.request(&text, limits))
			if r.err != nil {
				r.err = batchError(index, r.err)
			}
		})
	})
	if r.err != nil {
		return nil, r.err
	}
	return batch, nil
}

// Append appends the response's protobuf.
func (r *BatchResponse) Append(b []byte) ([]byte, error) {
	for i := range r.Results {
		b = protowire.AppendTag(b, batchResults, protowire.BytesType)
		start := len(b)
		var err error
		if b, err = r.Results[i].Append(b); err != nil {
			return nil, fmt.Errorf("results[%d]: %w", i, err)
		}
		b = insertLength(b, start)
	}
	return b, nil
}
