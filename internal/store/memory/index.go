package memory

// An index finds records by their ids' hashes: a table in which what doesn't
// find its place takes the next one that is free. It has no pointers.
type index struct {
	slots []slot // as many as a power of two; none if it is empty
	used  int
}

// A slot is empty, or has a part of an id's hash and where the record lies.
//
//	24 bits  the tag, which is that part
//	 1 bit   always set
//	39 bits  the place
type slot uint64

const (
	tagBits   = 24
	occupied  = slot(1) << placeBits
	placeMask = occupied - 1

	fewestSlots = 16
	slotBytes   = 8
	// mostUsed is how many records an index takes: with more of them the tag would
	// not say where to look for them.
	mostUsed = 1 << tagBits / 4 * 3
)

func newSlot(tag uint32, p place) slot {
	return slot(tag)<<(64-tagBits) | occupied | slot(p)
}

func (s slot) tag() uint32  { return uint32(s >> (64 - tagBits)) }
func (s slot) place() place { return place(s & placeMask) }

// tagOf is the part of a hash that slots have. What it is in shards by is another.
func tagOf(hash uint64) uint32 { return uint32(hash >> (64 - tagBits)) }

// home is where to begin to look for a tag.
func (x *index) home(tag uint32) int { return int(tag) & (len(x.slots) - 1) }

// next is where to look after i.
func (x *index) next(i int) int { return (i + 1) & (len(x.slots) - 1) }

// add adds a record whose id is not there.
func (x *index) add(s slot) {
	if 4*(x.used+1) > 3*len(x.slots) {
		x.resize(max(fewestSlots, 2*len(x.slots)))
	}
	x.used++
	x.put(s)
}

func (x *index) put(s slot) {
	i := x.home(s.tag())
	for x.slots[i] != 0 {
		i = x.next(i)
	}
	x.slots[i] = s
}

// resize makes the table anew.
func (x *index) resize(size int) {
	before := x.slots
	x.slots = make([]slot, size)
	for _, s := range before {
		if s != 0 {
			x.put(s)
		}
	}
}

// remove takes a record out, if it is in.
func (x *index) remove(s slot) {
	if x.used == 0 {
		return
	}
	i := x.home(s.tag())
	for x.slots[i] != s {
		if x.slots[i] == 0 {
			return
		}
		i = x.next(i)
	}
	x.close(i)
	x.used--
	switch {
	case x.used == 0:
		x.slots = nil
	case 8*x.used < len(x.slots) && len(x.slots) > fewestSlots:
		x.resize(len(x.slots) / 2)
	}
}

// close empties slot i and moves those up that would not be found behind it.
func (x *index) close(i int) {
	mask := len(x.slots) - 1
	for j := x.next(i); x.slots[j] != 0; j = x.next(j) {
		if way := j - x.home(x.slots[j].tag()); way&mask >= (j-i)&mask {
			x.slots[i] = x.slots[j]
			i = j
		}
	}
	x.slots[i] = 0
}

// bytes is how much memory it takes.
func (x *index) bytes() int { return slotBytes * len(x.slots) }
