package abi

import (
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/contracttest"
	"github.com/taskscheduler/taskscheduler/task"
)

// fake is memory whose first byte has the address base.
type fake struct {
	base  uint64
	bytes []byte
}

func (m fake) View(address, n uint64) ([]byte, bool) {
	if n == 0 {
		return nil, true
	}
	start := address - m.base
	if start > uint64(len(m.bytes)) || n > uint64(len(m.bytes))-start {
		return nil, false
	}
	return m.bytes[start : start+n], true
}

// cell is a task_value.
func cell(kind task.Kind, payload, n uint64) []byte {
	b := make([]byte, ValueSize)
	order.PutUint32(b, uint32(kind))
	order.PutUint64(b[8:], payload)
	order.PutUint64(b[16:], n)
	return b
}

// join puts pieces one after the other.
func join(pieces ...[]byte) []byte {
	var all []byte
	for _, piece := range pieces {
		all = append(all, piece...)
	}
	return all
}

// roundTrip puts a value into memory and reads it again.
func roundTrip(t *testing.T, v task.Value) {
	t.Helper()
	m := fake{base: 4096, bytes: make([]byte, Size([]task.Value{v}, true))}
	block := Block{Bytes: m.bytes, Base: m.base, Copy: true}
	got, err := Read(m, block.Put([]task.Value{v}))
	if err != nil {
		t.Fatal(err)
	}
	if !contracttest.Equal(got, v) {
		t.Errorf("got another %s back", v.Kind())
	}
	if block.used != len(m.bytes) {
		t.Errorf("Put took %d bytes of %d", block.used, len(m.bytes))
	}
}
