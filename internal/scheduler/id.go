package scheduler

import (
	"crypto/rand"
	"encoding/binary"
	"hash/fnv"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// newID returns a UUIDv7. Unlike those of uuid.NewV7, two of one millisecond
// are in no order: that would take a lock that all submissions share.
func newID(now time.Time) string {
	id := newUUID(now)
	return id.String()
}

func newUUID(now time.Time) (id uuid.UUID) {
	const version, variant = 7 << 4, 0b10 << 6
	_, _ = rand.Read(id[6:]) // it never fails
	milliseconds := uint64(now.UnixMilli())
	binary.BigEndian.PutUint16(id[0:], uint16(milliseconds>>32))
	binary.BigEndian.PutUint32(id[2:], uint32(milliseconds))
	id[6] = version | id[6]&0x0f
	id[8] = variant | id[8]&0x3f
	return id
}

// newTaggedID returns one that tells which node has made it, in the last 16 of its
// random bits.
func newTaggedID(now time.Time, node string) string {
	id := newUUID(now)
	binary.BigEndian.PutUint16(id[14:], tagOf(node))
	return id.String()
}

// tagOf returns what stands in the ids that a node makes.
func tagOf(node string) uint16 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(node)) // it never fails
	return uint16(h.Sum32()>>16) ^ uint16(h.Sum32())
}

// MadeBy reports whether a node may have made an id. It never says no to one that it
// has, but ids of clients, and of one other node in 65,536, may look alike.
func MadeBy(id, node string) bool {
	const length, versionAt, tagAt = 36, 14, 32
	if len(id) != length || id[versionAt] != '7' {
		return false
	}
	tag, err := strconv.ParseUint(id[tagAt:], 16, 16)
	return err == nil && uint16(tag) == tagOf(node)
}
