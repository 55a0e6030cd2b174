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
	first    uint64        // the number of segments[0]
	head     int           // where the oldest record begins in it
	newest   time.Duration // when the last record was added
	records  int
	held     int // bytes, of segments and large

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

// in returns a place's segment, as an index, and how far into it the place is.
func (r *ring) in(p place) (segment uint64, offset int) {
	return (uint64(p)>>offsetBits - r.first) % (1 << segmentBits), int(p) % (1 << offsetBits) * alignment
}

// has reports whether a record that began at p is still there.
func (r *ring) has(p place) bool {
	segment, offset := r.in(p)
	return segment < uint64(len(r.segments)) && (segment > 0 || offset >= r.head)
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
	r.newest = max(r.newest, at) // who took the lock first may have looked at the clock last
	b = appendRecord(b, r.newest, id, o, apart)
	r.segments[last] = append(b, "\x00\x00\x00"[:-len(b)&(alignment-1)]...)
	r.records++
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
	segment, offset := r.in(p)
	return readRecord(r.segments[segment][offset:])
}

// outcome returns the outcome of the record at a place.
func (r *ring) outcome(p place, found *record) store.Outcome {
	if found.beside {
		o, _ := r.large.Get(p)
		return *o
	}
	return found.outcome()
}

// oldest returns when the oldest record was added; there must be one.
func (r *ring) oldest() time.Duration { return timeOf(r.segments[0][r.head:]) }

// drop drops the oldest record; there must be one.
func (r *ring) drop() {
	first := r.segments[0]
	oldest := readRecord(first[r.head:])
	if oldest.beside {
		p := newPlace(r.first, r.head)
		o, _ := r.large.Get(p)
		r.large.Delete(p)
		r.held -= largeBytes(o)
	}
	r.records--
	length := oldest.length(first[r.head:])
	if r.head += (length + alignment - 1) &^ (alignment - 1); r.head < len(first) {
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
