package scheduler

import (
	"crypto/rand"
	"encoding/binary"
	"time"

	"github.com/google/uuid"
)

// newID returns a UUIDv7. Unlike those of uuid.NewV7, two of one millisecond
// are in no order: that would take a lock that all submissions share.
func newID(now time.Time) string {
	const version, variant = 7 << 4, 0b10 << 6
	var id uuid.UUID
	_, _ = rand.Read(id[6:]) // it never fails
	milliseconds := uint64(now.UnixMilli())
	binary.BigEndian.PutUint16(id[0:], uint16(milliseconds>>32))
	binary.BigEndian.PutUint32(id[2:], uint32(milliseconds))
	id[6] = version | id[6]&0x0f
	id[8] = variant | id[8]&0x3f
	return id.String()
}
