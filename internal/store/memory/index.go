package memory

// An index finds records by their ids' hashes: a table in which what doesn't
// find its place takes the next one that is free. It has no pointers.
//
// A record that is dropped leaves its slot behind, stale: to look for it would
// be to wait for memory that is in no cache. Stale slots are cleared where the table
// is read from one end to the other, some now and then.
type index struct {
	slots  []slot
	used   int // slots, stale ones included
	owed   int // records dropped since slots were cleared last
	cursor int // where to go on with that
}

// A slot has a part of an id's hash and where the record lies; 0 is free.
//
//	24 bits  the tag, which is that part
//	 1 bit   always set
//	39 bits  the place
type slot uint64

const (
	tagBits     = 24
	taken       = slot(1) << placeBits
	fewestSlots = 16
	slotBytes   = 8
	// mostUsed is how many records an index takes: with more of them the tag would
	// not say where to look for them.
	mostUsed = 1 << tagBits / 4

	// Of as many records as clearAfter that are dropped about as many slots are
	// found stale in clearSlots, when an eighth of all are.
	clearAfter = 64
	clearSlots = 8 * clearAfter
)

func newSlot(tag uint32, p place) slot { return slot(tag)<<(placeBits+1) | taken | slot(p) }

func (s slot) tag() uint32  { return uint32(s >> (placeBits + 1)) }
func (s slot) place() place { return place(s % taken) }

// tagOf is the part of a hash that slots have. What it is in shards by is another.
func tagOf(hash uint64) uint32 { return uint32(hash >> (64 - tagBits)) }

// home is where to begin to look for a tag.
func (x *index) home(tag uint32) int { return int(tag) & (len(x.slots) - 1) }

// next is where to look after i.
func (x *index) next(i int) int { return (i + 1) & (len(x.slots) - 1) }

// find returns the record of an id in a ring.
func (x *index) find(r *ring, tag uint32, id string) (p place, found record, ok bool) {
	if x.used == 0 {
		return 0, record{}, false
	}
	for i := x.home(tag); x.slots[i] != 0; i = x.next(i) {
		if x.slots[i].tag() != tag {
			continue
		}
		if p = x.slots[i].place(); !r.has(p) {
			continue
		}
		if found = r.record(p); string(found.id) == id {
			return p, found, true
		}
	}
	return 0, record{}, false
}

// add adds a record of a ring whose id is not there.
func (x *index) add(r *ring, s slot) {
	if 4*(x.used+1) > 3*len(x.slots) {
		if 2*r.records < len(x.slots) { // the others are stale
			x.resize(r, len(x.slots))
		} else {
			x.resize(r, max(fewestSlots, 2*len(x.slots)))
		}
	}
	x.put(s)
}

func (x *index) put(s slot) {
	i := x.home(s.tag())
	for x.slots[i] != 0 {
		i = x.next(i)
	}
	x.slots[i] = s
	x.used++
}

// resize makes the table anew, of what is in the ring.
func (x *index) resize(r *ring, size int) {
	before := *x
	*x = index{slots: make([]slot, size)}
	for _, s := range before.slots {
		if s != 0 && r.has(s.place()) {
			x.put(s)
		}
	}
}

// dropped takes in that so many records of the ring were dropped.
func (x *index) dropped(r *ring, n int) {
	x.owed += n
	switch {
	case r.records == 0:
		*x = index{}
	case x.owed < clearAfter:
	case 8*r.records < len(x.slots) && len(x.slots) > fewestSlots:
		x.resize(r, len(x.slots)/2)
	default:
		x.owed = 0
		x.clear(r, min(clearSlots, len(x.slots)))
	}
}

// clear frees those of the next n slots that are stale.
func (x *index) clear(r *ring, n int) {
	for range n {
		for x.slots[x.cursor] != 0 && !r.has(x.slots[x.cursor].place()) {
			x.free(x.cursor)
		}
		x.cursor = x.next(x.cursor)
	}
}

// free frees slot i and moves those up that would not be found behind it.
func (x *index) free(i int) {
	mask := len(x.slots) - 1
	for j := x.next(i); x.slots[j] != 0; j = x.next(j) {
		if way := j - x.home(x.slots[j].tag()); way&mask >= (j-i)&mask {
			x.slots[i] = x.slots[j]
			i = j
		}
	}
	x.slots[i] = 0
	x.used--
}

// bytes is how much memory it takes.
func (x *index) bytes() int { return slotBytes * len(x.slots) }
