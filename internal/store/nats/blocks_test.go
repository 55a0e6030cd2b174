package nats

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"os"
	"path/filepath"
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
	agreed := record(sum, 4, "", "", "what servers have agreed on")
	for _, good := range [][]byte{
		record(sum, 1, alone.task, "", "a task"),
		record(sum, 2, "r.pid", "NATS/1.0\r\nNats-TTL: 1\r\n\r\n", "a result"),
		record(sum, 3|deletedBits, "", "", ""),
		agreed,
	} {
		if length, reason := checkRecord(good, sum, &good[0] == &agreed[0]); reason != "" || length != len(good) {
			f.Fatalf("%x is %d bytes long, %s", good, length, reason)
		}
		f.Add(good)
		f.Add(append(slices.Clone(good), good...))
		f.Add(good[:len(good)-1])
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		tryRecord(t, b, sum, false)
		tryRecord(t, b, sum, true)
	})
}

func tryRecord(t *testing.T, b []byte, sum hash.Hash64, agreed bool) {
	t.Helper()
	length, reason := checkRecord(b, sum, agreed)
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
		if _, reason := checkRecord(other, sum, agreed); reason == "" {
			t.Fatalf("bit %d of %x is another one, and nobody notices", i, good)
		}
	}
}

// TestWhatServersHaveAgreedOn is in blocks too, of which all but the last must be whole.
func TestWhatServersHaveAgreedOn(t *testing.T) {
	const group = "S-R3F-x"
	dir := t.TempDir()
	folder := filepath.Join(dir, "jetstream", "$SYS", "_js_", group, "msgs")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	var damaged string
	for index := range 3 {
		key := sha256.Sum256(fmt.Appendf(nil, "%s-%d", group, index+1))
		sum, err := highwayhash.NewDigest64(key[:])
		if err != nil {
			t.Fatal(err)
		}
		first := record(sum, uint64(2*index+1), "", "", "first")
		file := filepath.Join(folder, fmt.Sprint(index+1, ".blk"))
		if err := os.WriteFile(file, append(first, record(sum, uint64(2*index+2), "", "", "second")...), 0o600); err != nil {
			t.Fatal(err)
		}
		if index == 1 {
			damaged = file
		}
	}
	if err := checkGroups(dir); err != nil {
		t.Errorf("all is whole: %v", err)
	}
	if err := os.Truncate(damaged, 40); err != nil {
		t.Fatal(err)
	}
	if err := checkGroups(dir); err == nil {
		t.Error("one is cut off, and nobody notices")
	}
}
