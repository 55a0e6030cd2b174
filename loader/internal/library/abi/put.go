package abi

import (
	"math"
	"unsafe"

	"github.com/taskscheduler/taskscheduler/task"
)

// A Block is a piece of memory that values are put into, one after the other.
type Block struct {
	// Bytes is the memory as Go sees it.
	Bytes []byte
	// Base is the address of Bytes as the plugin sees it, a multiple of 8.
	Base uint64
	// Copy puts strings and bytes into the block as well. Without it values
	// point to where the host keeps them, which must then outlive the call.
	Copy bool
	// used is how much of Bytes is taken.
	used int
}

// Size returns how many bytes the arguments take in a block.
func Size(values []task.Value, copied bool) int {
	size := len(values) * ValueSize
	for _, v := range values {
		size += sizeInside(v, copied)
	}
	return size
}

// sizeInside returns how many bytes lie outside of v's own 24.
func sizeInside(v task.Value, copied bool) int {
	switch v.Kind() {
	case task.KindString, task.KindBytes:
		if copied {
			return Padded(len(contents(v)))
		}
		return 0
	case task.KindList:
		items, _ := v.List()
		return Size(items, copied)
	case task.KindMap:
		fields, _ := v.Map()
		size := 2 * len(fields) * ValueSize
		for key, field := range fields {
			if copied {
				size += Padded(len(key))
			}
			size += sizeInside(field, copied)
		}
		return size
	default:
		return 0
	}
}

// Padded returns n rounded up to a multiple of 8, which keeps what follows aligned.
func Padded(n int) int { return (n + 7) &^ 7 }

// Take sets the next n bytes aside and returns their address.
func (b *Block) Take(n int) (memory []byte, address uint64) {
	start := b.used
	b.used += Padded(n)
	return b.Bytes[start : start+n], b.Base + uint64(start)
}

// Put puts values one after the other, with what is inside them behind, and
// returns their address. The block must have [Size] bytes left.
func (b *Block) Put(values []task.Value) (address uint64) {
	cells, address := b.Take(len(values) * ValueSize)
	for i, v := range values {
		b.put(cells[i*ValueSize:], v)
	}
	return address
}

func (b *Block) put(cell []byte, v task.Value) {
	kind := v.Kind()
	switch kind {
	case task.KindBool, task.KindInt32, task.KindInt64, task.KindUint32, task.KindUint64, task.KindFloat, task.KindDouble:
		setCell(cell, kind, number(v), 0)
	case task.KindString, task.KindBytes:
		content := contents(v)
		setCell(cell, kind, b.PutString(content), len(content))
	case task.KindList:
		items, _ := v.List()
		setCell(cell, kind, b.Put(items), len(items))
	case task.KindMap:
		fields, _ := v.Map()
		setCell(cell, kind, b.putMap(fields), len(fields))
	default:
		setCell(cell, task.KindNull, 0, 0)
	}
}

func (b *Block) putMap(fields map[string]task.Value) (address uint64) {
	cells, address := b.Take(2 * len(fields) * ValueSize)
	for key, field := range fields {
		setCell(cells, task.KindString, b.PutString(key), len(key))
		b.put(cells[ValueSize:], field)
		cells = cells[2*ValueSize:]
	}
	return address
}

// PutString returns the address of s, which is never null: an empty slice at a
// null address is undefined behaviour in some languages.
func (b *Block) PutString(s string) (address uint64) {
	if b.Copy {
		memory, address := b.Take(len(s))
		copy(memory, s)
		return address
	}
	if s == "" {
		return b.Base
	}
	return uint64(uintptr(unsafe.Pointer(unsafe.StringData(s))))
}

func setCell(cell []byte, kind task.Kind, payload uint64, n int) {
	order.PutUint64(cell, uint64(kind))
	order.PutUint64(cell[8:], payload)
	order.PutUint64(cell[16:], uint64(n))
}

// contents returns the bytes of a string or bytes value, shared.
func contents(v task.Value) string {
	if s, ok := v.Str(); ok {
		return s
	}
	b, _ := v.Bytes()
	return unsafe.String(unsafe.SliceData(b), len(b))
}

// number returns a number as it lies in a task_value's union.
func number(v task.Value) uint64 {
	switch v.Kind() {
	case task.KindBool:
		if b, _ := v.Bool(); b {
			return 1
		}
		return 0
	case task.KindFloat, task.KindDouble:
		f, _ := v.Double()
		return math.Float64bits(f)
	case task.KindUint64:
		u, _ := v.Uint64()
		return u
	default:
		i, _ := v.Int64()
		return uint64(i)
	}
}
