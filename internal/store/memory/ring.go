package memory

import (
	"math/bits"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/elastic"
	"github.com/taskscheduler/taskscheduler/internal/store"
)

// A ring has records one behind the other, in segments: it is added to at its
// end and taken from at its beginning, and a segment that is used up goes as a
// whole. Segments are bytes without pointers, which the garbage collector doesn't
// look into.
type ring struct {
	segments [][]byte
	first    uint64 // the number of segments[0]
	head     int    // where the oldest record begins in it
	held     int    // bytes, of segments and large

	// large are the outcomes that a copy would be waste of.
	large elastic.Map[place, *store.Outcome]
}

// A place is where a record begins: the last bits of its segment's number, and how
// far into the segment.
type place uint64

const (
	// Records begin at multiples of alignment.
	alignment    = 4
	offsetBits   = 12
	segmentBits  = 27
	placeBits    = segmentBits + offsetBits
	segmentBytes = alignment << offsetBits // of a segment, or a little more
	leastSegment = 512                     // likewise, of a ring's first

	// mostInline is how many bytes an outcome has at most that is copied.
	mostInline = 2 << 10
)

func newPlace(segment uint64, offset int) place {
	return place(segment%(1<<segmentBits)<<offsetBits | uint64(offset/alignment))
}

// add adds a record. What it holds of the outcome is its own, or must not be changed.
func (r *ring) add(at time.Duration, id string, o *store.Outcome) place {
	size := o.Bytes()
	apart := size > mostInline
	if apart {
		size = 0
	}
	last := r.roomFor(recordOverhead + len(id) + size + alignment)
	b := r.segments[last]
	p := newPlace(r.first+uint64(last), len(b))
	b = appendRecord(b, at, id, o, apart)
	r.segments[last] = append(b, "\x00\x00\x00"[:-len(b)&(alignment-1)]...)
	if apart {
		kept := *o
		r.large.Set(p, &kept)
		r.held += largeBytes(o)
	}
	return p
}

// roomFor returns the index of a segment, the last one, with room for so many bytes.
func (r *ring) roomFor(size int) (last int) {
	last = len(r.segments) - 1
	if last >= 0 && cap(r.segments[last])-len(r.segments[last]) >= size && len(r.segments[last]) < segmentBytes {
		return last
	}
	grown := min(max(r.held/4, leastSegment), segmentBytes)
	size = max(size, 1<<bits.Len(uint(grown-1)))
	r.segments = append(r.segments, make([]byte, 0, size))
	r.held += size
	return last + 1
}

// record returns the record at a place.
func (r *ring) record(p place) record {
	segment := (uint64(p)>>offsetBits - r.first) % (1 << segmentBits)
	return readRecord(r.segments[segment][p%(1<<offsetBits)*alignment:])
}

// outcome returns the outcome of the record at a place.
func (r *ring) outcome(p place, found *record) store.Outcome {
	if found.beside {
		o, _ := r.large.Get(p)
		return *o
	}
	return found.outcome()
}

// oldest returns the oldest record; there must be one.
func (r *ring) oldest() (p place, oldest record) {
	return newPlace(r.first, r.head), readRecord(r.segments[0][r.head:])
}

// empty reports whether there is no record.
func (r *ring) empty() bool { return len(r.segments) == 0 }

// drop drops the oldest record, which is this one.
func (r *ring) drop(p place, oldest *record) {
	if oldest.beside {
		o, _ := r.large.Get(p)
		r.large.Delete(p)
		r.held -= largeBytes(o)
	}
	first := r.segments[0]
	r.head += padded(oldest.length(first[r.head:]))
	if r.head < len(first) {
		return
	}
	r.held -= cap(first)
	r.first, r.head = r.first+1, 0
	r.segments[0] = nil
	if r.segments = r.segments[1:]; len(r.segments) == 0 {
		r.segments = nil
	}
}

// largeBytes is about what an outcome takes that is kept beside its record, with
// its place in the map.
func largeBytes(o *store.Outcome) int { return o.Bytes() + 128 }

// single reports whether there is no more than one record.
func (r *ring) single() bool {
	if len(r.segments) != 1 {
		return len(r.segments) == 0
	}
	only := r.segments[0][r.head:]
	first := readRecord(only)
	return padded(first.length(only)) == len(only)
}

// padded is how far the next record begins behind one of that length.
func padded(length int) int { return (length + alignment - 1) &^ (alignment - 1) }
