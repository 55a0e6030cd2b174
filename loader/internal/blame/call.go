package blame

import (
	"encoding/binary"
	"hash/maphash"
	"math"

	"github.com/taskscheduler/taskscheduler/task"
)

// A Call stands for a task and its arguments. Calls of the same are equal.
type Call uint64

// seed is of this process; calls are not compared with those of others.
var seed = maphash.MakeSeed() //nolint:gochecknoglobals // hashes of one process are compared with each other

// CallOf returns the call of a task with arguments. It goes over all of them.
func CallOf(name string, args []task.Value) Call {
	var h maphash.Hash
	h.SetSeed(seed)
	writeString(&h, name)
	writeList(&h, args)
	return Call(h.Sum64())
}

func writeValue(h *maphash.Hash, v task.Value) {
	_ = h.WriteByte(byte(v.Kind())) // it never fails
	switch v.Kind() {
	case task.KindString:
		s, _ := v.Str()
		writeString(h, s)
	case task.KindBytes:
		b, _ := v.Bytes()
		writeNumber(h, uint64(len(b)))
		_, _ = h.Write(b)
	case task.KindList:
		items, _ := v.List()
		writeList(h, items)
	case task.KindMap:
		fields, _ := v.Map()
		writeMap(h, fields)
	default:
		writeNumber(h, bits(v))
	}
}

// bits returns what is in a value of a kind that has a fixed size.
func bits(v task.Value) uint64 {
	if i, ok := v.Int64(); ok {
		return uint64(i)
	}
	if u, ok := v.Uint64(); ok {
		return u
	}
	if f, ok := v.Double(); ok {
		return math.Float64bits(f)
	}
	if b, _ := v.Bool(); b {
		return 1
	}
	return 0
}

func writeList(h *maphash.Hash, items []task.Value) {
	writeNumber(h, uint64(len(items)))
	for _, item := range items {
		writeValue(h, item)
	}
}

// writeMap adds up the fields' hashes: they come in any order.
func writeMap(h *maphash.Hash, fields task.Map) {
	var sum uint64
	for key, value := range fields {
		var field maphash.Hash
		field.SetSeed(seed)
		writeString(&field, key)
		writeValue(&field, value)
		sum += field.Sum64()
	}
	writeNumber(h, uint64(len(fields)))
	writeNumber(h, sum)
}

func writeString(h *maphash.Hash, s string) {
	writeNumber(h, uint64(len(s)))
	_, _ = h.WriteString(s)
}

func writeNumber(h *maphash.Hash, n uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], n)
	_, _ = h.Write(b[:])
}
