package memory

import (
	"encoding/binary"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/task"
)

// A record is an outcome in bytes:
//
//	when it was stored        8 bytes
//	the id                    its length, and it
//	the state                 a byte; beside: the outcome is not here
//	the attempt               a number
//	the result and its shape  the length of each, and then both;
//	  or the error            its code, the length of its message, and that
//
// Numbers and lengths are varints.
type record struct {
	at     time.Duration
	id     []byte
	beside bool
	rest   []byte // what is behind the state, and perhaps more
	state  store.State
}

const (
	// beside is added to a state.
	beside = 1 << 7
	// recordOverhead is the most that a record takes beside texts.
	recordOverhead = 8 + 1 + 4*binary.MaxVarintLen64
)

// appendRecord appends a record to b; of an outcome that is kept beside it only
// that.
func appendRecord(b []byte, at time.Duration, id string, o *store.Outcome, isBeside bool) []byte {
	b = binary.LittleEndian.AppendUint64(b, uint64(at))
	b = append(binary.AppendUvarint(b, uint64(len(id))), id...)
	if isBeside {
		return append(b, beside)
	}
	b = append(b, byte(o.State))
	b = binary.AppendUvarint(b, uint64(o.Attempt))
	if o.State != store.Succeeded {
		b = binary.AppendUvarint(b, uint64(o.Err.Code))
		return append(binary.AppendUvarint(b, uint64(len(o.Err.Message))), o.Err.Message...)
	}
	b = binary.AppendUvarint(b, uint64(len(o.Result)))
	b = binary.AppendUvarint(b, uint64(len(o.Shape)))
	return append(append(b, o.Result...), o.Shape...)
}

// readRecord reads what the record at the beginning of b begins with.
func readRecord(b []byte) record {
	r := record{at: timeOf(b)}
	length, b := number(b[8:])
	r.id, b = b[:length], b[length:]
	r.state, r.beside, r.rest = store.State(b[0]&^beside), b[0]&beside != 0, b[1:]
	return r
}

// timeOf is when the record was stored at the beginning of b.
func timeOf(b []byte) time.Duration { return time.Duration(binary.LittleEndian.Uint64(b)) }

// length is how many bytes a record has that begins at the beginning of b.
func (r *record) length(b []byte) int {
	if r.beside {
		return len(b) - len(r.rest)
	}
	_, rest := number(r.rest)
	first, rest := number(rest)
	second, rest := number(rest)
	if r.state != store.Succeeded { // first is the code
		first = 0
	}
	return len(b) - len(rest) + first + second
}

// outcome returns what a record has that has it here. It doesn't share its memory.
func (r *record) outcome() store.Outcome {
	attempt, rest := number(r.rest)
	first, rest := number(rest)
	second, rest := number(rest)
	o := store.Outcome{State: r.state, Attempt: uint32(attempt)}
	if r.state != store.Succeeded {
		o.Err = &task.Error{Code: task.Code(first), Message: string(rest[:second])}
		return o
	}
	if first <= 1 && second <= 1 { // texts so short cost nothing
		o.Result, o.Shape = string(rest[:first]), string(rest[first:first+second])
		return o
	}
	both := string(rest[:first+second])
	o.Result, o.Shape = both[:first], both[first:]
	return o
}

// number reads a number that this package has written.
func number(b []byte) (n int, rest []byte) {
	if b[0] < 1<<7 {
		return int(b[0]), b[1:]
	}
	long, size := binary.Uvarint(b)
	return int(long), b[size:]
}
