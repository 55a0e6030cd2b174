package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"hash/fnv"
	"io"
	"io/fs"
	"os"
	"slices"
)

const (
	// block is how much of a file is read at once: more than any line of ours is long.
	block = 256 << 10
	// maxLook is how much of the files is looked through for one page.
	maxLook = 4 << 20
	// maxHead is how much of a file's first line tells it from others.
	maxHead = 4 << 10
)

// A place is where a line begins: in the file of that fingerprint, whatever its name is
// by now. The zero place is the end of the newest file.
type place struct {
	file   uint64
	offset int64
}

// A line is an entry, and where it stands.
type line struct {
	Entry

	at place // zero: in no file
}

// fingerprint tells a file from those before it, for as long as it has a line; never 0.
func fingerprint(opened *os.File) uint64 {
	head := make([]byte, maxHead)
	n, _ := opened.ReadAt(head, 0) // what it can't read, others can't either
	head, _, _ = bytes.Cut(head[:n], []byte("\n"))
	hash := fnv.New64a()
	_, _ = hash.Write(head) // it never fails
	return hash.Sum64() | 1
}

// linesOf returns the entries of a text that begins at a place. A line that is none is
// passed over.
func linesOf(text []byte, at place) (lines []line) {
	for one := range bytes.Lines(text) {
		l := line{at: at}
		if json.Unmarshal(one, &l.Entry) == nil && l.Action != "" {
			lines = append(lines, l)
		}
		at.offset += int64(len(one))
	}
	return lines
}

// before returns the newest entries of the files that match, the newest first, of those
// before a place. With more, next is where to go on.
func (f *file) before(from place, limit int, match func(*Entry) bool) (found []line, next place, more bool, err error) {
	f.moving.RLock()
	defer f.moving.RUnlock()
	look := int64(maxLook)
	for ago := range olderFiles + 1 {
		opened, at, err := f.reopen(ago, from)
		if err != nil {
			return found, place{}, false, err
		}
		if opened == nil {
			continue // there is none of that name, or it is a newer one
		}
		found, next, err = search(opened, at, found, limit, &look, match)
		_ = opened.Close() // it was read
		if err != nil {
			return found, place{}, false, f.failed(err)
		}
		if next.offset > 0 || len(found) == limit || look <= 0 {
			return found, next, true, nil
		}
		from = place{} // the next one from its end
	}
	return found, place{}, false, nil
}

// reopen opens the file that was put aside so many files ago if it is the one that is
// meant, and tells where to begin in it.
func (f *file) reopen(ago int, from place) (opened *os.File, at place, err error) {
	info, err := os.Stat(f.named(ago))
	switch {
	case errors.Is(err, fs.ErrNotExist), err == nil && !info.Mode().IsRegular():
		return nil, at, nil
	case err != nil:
		return nil, at, f.failed(err)
	}
	if opened, err = os.Open(f.named(ago)); err != nil {
		return nil, at, f.failed(err)
	}
	at = place{fingerprint(opened), info.Size()}
	if from.file == 0 {
		return opened, at, nil
	}
	if at.file != from.file {
		return nil, at, opened.Close()
	}
	return opened, place{at.file, min(from.offset, at.offset)}, nil
}

// search adds to found what matches in a file before a place, until there is enough of
// it or look bytes have been looked through. next is how far that was.
func search(
	opened *os.File, at place, found []line, limit int, look *int64, match func(*Entry) bool,
) (all []line, next place, err error) {
	text := make([]byte, block)
	for at.offset > 0 && *look > 0 {
		begin := max(at.offset-block, 0)
		part := text[:at.offset-begin]
		if _, err := opened.ReadAt(part, begin); err != nil && !errors.Is(err, io.EOF) {
			return found, at, err
		}
		*look -= int64(len(part))
		if begin > 0 {
			if end := bytes.IndexByte(part, '\n'); end >= 0 && end+1 < len(part) { // the rest of a line
				begin, part = begin+int64(end)+1, part[end+1:]
			}
		}
		for _, l := range slices.Backward(linesOf(part, place{at.file, begin})) {
			if !match(&l.Entry) {
				continue
			}
			if found = append(found, l); len(found) == limit {
				return found, l.at, nil
			}
		}
		at.offset = begin
	}
	return found, at, nil
}
