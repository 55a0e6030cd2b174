package nats

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/minio/highwayhash"
)

// What the server's files look like. A stream's messages are in blocks, 1.blk and
// so on; a block is a row of records:
//
//	length 4 · sequence 8 · time 8 · length of subject 2 · subject · [length of
//	headers 4 · headers] · body · checksum 8
//
// The highest bit of the length says that there are headers, the two highest of
// the sequence that a message is deleted. The server checks a record when it
// reads it; at its start it trusts an index, and if there is none it drops what
// is behind a damaged record without a word. So this package looks first.
const (
	recordHead     = 22
	recordChecksum = 8
	hasHeaders     = 1 << 31
	deletedBits    = 3 << 62
	largestRecord  = 32 << 20
)

const wrongChecksum = "a checksum is wrong"

// block is what was found in a file of messages.
type block struct {
	file        string
	index       int
	size        int64
	first, last uint64 // sequences; first is 0 if all are deleted
	records     int
	damage      *DamageError
	agreed      bool // it has what servers have agreed on
}

// A DamageError is a place in a file that is not as it was written.
type DamageError struct {
	File   string
	Offset int64
	Reason string
	// tail: nothing readable follows in this file, as when a write was cut short.
	tail bool
}

// Error implements error.
func (e *DamageError) Error() string {
	return fmt.Sprintf("%s is damaged at byte %d: %s", e.File, e.Offset, e.Reason)
}

// findBlocks returns the files of a stream's messages, the oldest first.
func findBlocks(stream string) ([]block, error) {
	folder := filepath.Join(stream, "msgs")
	files, err := os.ReadDir(folder)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	blocks := make([]block, 0, len(files))
	for _, file := range files {
		b := block{file: filepath.Join(folder, file.Name())}
		if _, err := fmt.Sscanf(file.Name(), "%d.blk", &b.index); err != nil || filepath.Ext(file.Name()) != ".blk" {
			continue // the server passes over it too
		}
		blocks = append(blocks, b)
	}
	slices.SortFunc(blocks, func(a, b block) int { return cmp.Compare(a.index, b.index) })
	return blocks, nil
}

// read reads a block and checks each record.
func (b *block) read(stream string) error {
	content, err := os.ReadFile(b.file)
	if err != nil {
		return err
	}
	b.size = int64(len(content))
	key := sha256.Sum256(fmt.Appendf(nil, "%s-%d", stream, b.index))
	sum, err := highwayhash.NewDigest64(key[:])
	if err != nil {
		return err
	}
	for at := 0; at < len(content); {
		length, reason := checkRecord(content[at:], sum, b.agreed)
		if reason != "" {
			b.damage = &DamageError{File: b.file, Offset: int64(at), Reason: reason, tail: true}
			if length > 0 && at+length < len(content) { // does one that is good follow?
				if _, next := checkRecord(content[at+length:], sum, b.agreed); next == "" {
					b.damage.tail = false
				}
			}
			return nil
		}
		b.note(binary.LittleEndian.Uint64(content[at+4:]))
		at += length
	}
	return nil
}

// note takes in that there is a message of that sequence.
func (b *block) note(sequence uint64) {
	if sequence == 0 {
		return
	}
	b.last = max(b.last, sequence&^deletedBits)
	if sequence&deletedBits != 0 {
		return
	}
	b.records++
	if b.first == 0 {
		b.first = sequence
	}
}

// checkRecord checks the record that b begins with and returns its length, if
// that can be true, and what is wrong with it. What servers have agreed on has no subject.
func checkRecord(b []byte, sum hash.Hash64, agreed bool) (length int, reason string) {
	if len(b) < recordHead {
		return 0, "the file ends within a record"
	}
	word := binary.LittleEndian.Uint32(b)
	length, subject := int(word&^hasHeaders), int(binary.LittleEndian.Uint16(b[20:]))
	head := subject
	if word&hasHeaders != 0 {
		head += 4
	}
	switch {
	case length < recordHead+head+recordChecksum || length > largestRecord:
		return 0, "a record has a length that can't be"
	case length > len(b):
		return 0, "the file ends within a record"
	}
	body := b[recordHead : length-recordChecksum]
	sum.Reset()
	for _, part := range [][]byte{b[4:20], body[:subject], body[head:]} {
		_, _ = sum.Write(part) // it never fails
	}
	if !bytes.Equal(sum.Sum(make([]byte, 0, recordChecksum)), b[length-recordChecksum:length]) {
		return length, wrongChecksum
	}
	deleted := binary.LittleEndian.Uint64(b[4:])&deletedBits != 0
	if (deleted || agreed) == (subject > 0) || !headed(body, subject, head) {
		return length, "a record has a part of a length that can't be"
	}
	return length, ""
}

// headed reports whether a record's lengths of subject and headers, which the
// checksum does not cover, are those that it was written with.
func headed(body []byte, subject, head int) bool {
	if head == subject {
		return subject == 0 || string(body[:subject]) == alone.task // results have headers
	}
	size := int(binary.LittleEndian.Uint32(body[subject:]))
	if size > len(body)-head {
		return false
	}
	headers := body[head : head+size]
	return bytes.HasPrefix(headers, []byte("NATS/1.0\r\n")) && bytes.Index(headers, []byte("\r\n\r\n")) == size-4
}
