package nats

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
	"testing"

	"github.com/minio/highwayhash"
)

// record returns a record as the server writes it.
func record(sum hash.Hash64, sequence uint64, subject, headers, body string) []byte {
	b := make([]byte, recordHead, 256)
	binary.LittleEndian.PutUint64(b[4:], sequence)
	binary.LittleEndian.PutUint64(b[12:], 1)
	binary.LittleEndian.PutUint16(b[20:], uint16(len(subject)))
	b = append(b, subject...)
	var flag uint32
	if headers != "" {
		flag = hasHeaders
		b = binary.LittleEndian.AppendUint32(b, uint32(len(headers)))
	}
	b = append(append(b, headers...), body...)
	binary.LittleEndian.PutUint32(b, uint32(len(b)+recordChecksum)|flag)
	sum.Reset()
	_, _ = sum.Write(b[4:20])
	_, _ = sum.Write([]byte(subject + headers + body))
	return sum.Sum(b)
}

// FuzzRecord: whatever a file has, nothing is read behind its end, and of what is good
// no bit can be another one.
func FuzzRecord(f *testing.F) {
	key := sha256.Sum256([]byte("stream-1"))
	sum, err := highwayhash.NewDigest64(key[:])
	if err != nil {
		f.Fatal(err)
	}
	for _, good := range [][]byte{
		record(sum, 1, alone.task, "", "a task"),
		record(sum, 2, "r.pid", "NATS/1.0\r\nNats-TTL: 1\r\n\r\n", "a result"),
		record(sum, 3|deletedBits, "", "", ""),
	} {
		if length, reason := checkRecord(good, sum); reason != "" || length != len(good) {
			f.Fatalf("%x is %d bytes long, %s", good, length, reason)
		}
		f.Add(good)
		f.Add(append(slices.Clone(good), good...))
		f.Add(good[:len(good)-1])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		length, reason := checkRecord(b, sum)
		if length < 0 || length > len(b) || reason == "" && length == 0 {
			t.Fatalf("%x is %d bytes long, %q", b, length, reason)
		}
		if reason != "" {
			return
		}
		good := b[:length]
		for i := range 8 * length {
			other := slices.Clone(good)
			other[i/8] ^= 1 << (i % 8)
			if _, reason := checkRecord(other, sum); reason == "" {
				t.Fatalf("bit %d of %x is another one, and nobody notices", i, good)
			}
		}
	})
}
