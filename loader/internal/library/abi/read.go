package abi

import (
	"errors"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/task"
)

var (
	errNoMemory = errors.New("it points to memory that the plugin does not have")
	errTooLarge = fmt.Errorf("it takes more than %d bytes", MaxOutput)
	errTooDeep  = fmt.Errorf("more than %d lists and maps inside each other", task.MaxDepth)
	errNotUTF8  = errors.New("a string that is not UTF-8")
)

// Read copies the value at an address. An error says what is wrong, and where
// in a list or map it is.
func Read(m Memory, address uint64) (task.Value, error) {
	return read(m, address, MaxOutput)
}

// read reads a value that may take so many bytes.
func read(m Memory, address, limit uint64) (task.Value, error) {
	r := reader{memory: m, left: limit}
	cell, err := r.view(address, 1, ValueSize)
	if err != nil {
		return task.Value{}, err
	}
	return r.value(cell, 0)
}

type reader struct {
	memory Memory
	left   uint64 // how many bytes the rest may take
}

// view returns n things of a size at an address, shared, and counts them.
func (r *reader) view(address, n, size uint64) ([]byte, error) {
	if n > r.left/size {
		return nil, errTooLarge
	}
	r.left -= n * size
	b, ok := r.memory.View(address, n*size)
	if !ok {
		return nil, errNoMemory
	}
	return b, nil
}

// value reads the value in a cell that lies inside depth lists and maps.
func (r *reader) value(cell []byte, depth int) (task.Value, error) {
	kind, payload, n := order.Uint32(cell), order.Uint64(cell[8:]), order.Uint64(cell[16:])
	if kind > uint32(task.KindMap) {
		return task.Value{}, fmt.Errorf("kind %d, which the ABI does not have", kind)
	}
	switch task.Kind(kind) {
	case task.KindString:
		s, err := r.str(payload, n)
		return task.String(s), err
	case task.KindBytes:
		b, err := r.view(payload, n, 1)
		return task.Bytes(append([]byte{}, b...)), err
	case task.KindList, task.KindMap:
		if depth == task.MaxDepth {
			return task.Value{}, errTooDeep
		}
		if task.Kind(kind) == task.KindList {
			return r.list(payload, n, depth)
		}
		return r.fields(payload, n, depth)
	default:
		return scalar(task.Kind(kind), payload)
	}
}

func (r *reader) str(address, n uint64) (string, error) {
	b, err := r.view(address, n, 1)
	if err != nil {
		return "", err
	}
	s := string(b) // copied first: a plugin's thread may still write to b
	if !utf8.ValidString(s) {
		return "", errNotUTF8
	}
	return s, nil
}

func (r *reader) list(address, n uint64, depth int) (task.Value, error) {
	cells, err := r.view(address, n, ValueSize)
	if err != nil {
		return task.Value{}, err
	}
	items := make([]task.Value, n)
	for i := range items {
		if items[i], err = r.value(cells[i*ValueSize:], depth+1); err != nil {
			return task.Value{}, inside(err, "item %d", i+1)
		}
	}
	return task.ListOf(items...), nil
}

func (r *reader) fields(address, n uint64, depth int) (task.Value, error) {
	cells, err := r.view(address, n, 2*ValueSize)
	if err != nil {
		return task.Value{}, err
	}
	fields := make(map[string]task.Value, n)
	for i := range n {
		cell := cells[2*ValueSize*i:]
		key, err := r.key(cell)
		if err != nil {
			return task.Value{}, inside(err, "key %d", i+1)
		}
		if _, twice := fields[key]; twice {
			return task.Value{}, fmt.Errorf("key %s is there twice", quoted(key))
		}
		if fields[key], err = r.value(cell[ValueSize:], depth+1); err != nil {
			return task.Value{}, inside(err, "key %s", quoted(key))
		}
	}
	return task.MapOf(fields), nil
}

func (r *reader) key(cell []byte) (string, error) {
	if kind := order.Uint32(cell); kind != uint32(task.KindString) {
		return "", fmt.Errorf("kind %d, want a string", kind)
	}
	return r.str(order.Uint64(cell[8:]), order.Uint64(cell[16:]))
}

// inside adds to an error where it is. How to get to what nests too deep is of
// no use, and long.
func inside(err error, where string, args ...any) error {
	if errors.Is(err, errTooDeep) {
		return err
	}
	return fmt.Errorf("%s: %w", fmt.Sprintf(where, args...), err)
}

// quoted returns a key for an error message, not all of it where it is long.
func quoted(key string) string { return fmt.Sprintf("%.40q", key) }

// scalar returns a number. One that its kind can't hold is an error: cut to
// size it would be another number.
func scalar(kind task.Kind, payload uint64) (task.Value, error) {
	outside := false
	v := task.Null()
	switch kind {
	case task.KindBool:
		v, outside = task.Bool(payload != 0), payload > 1
	case task.KindInt32:
		v, outside = task.Int32(int32(payload)), int64(payload) != int64(int32(payload))
	case task.KindInt64:
		v = task.Int64(int64(payload))
	case task.KindUint32:
		v, outside = task.Uint32(uint32(payload)), payload > math.MaxUint32
	case task.KindUint64:
		v = task.Uint64(payload)
	case task.KindFloat:
		v = task.Float(float32(math.Float64frombits(payload)))
	case task.KindDouble:
		v = task.Double(math.Float64frombits(payload))
	default: // null
	}
	if outside {
		return task.Value{}, fmt.Errorf("%d is not a valid %s", int64(payload), kind)
	}
	return v, nil
}
