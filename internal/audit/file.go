package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

const (
	fileMode = 0o600
	// largestFile is from how many bytes on the file is put aside, as NAME.1. What had
	// that name becomes NAME.2, and so on; one more than olderFiles is removed.
	largestFile = 16 << 20
	olderFiles  = 9
	// tail is how many bytes of it are read when it is opened.
	tail = 2 << 20
)

// A file has entries, one on each line. It is opened for each: changes are rare, and
// so it may be moved away at any time.
type file struct {
	name string
	torn bool // the last line may have no end: the disk was full, or the machine stopped
	// moving is held by who reads several files, so that none gets another name meanwhile.
	moving sync.RWMutex
}

// named returns the name of the file that was put aside so many files ago.
func (f *file) named(ago int) string {
	if ago == 0 {
		return f.name
	}
	return f.name + "." + strconv.Itoa(ago)
}

// open finds out whether entries can be written, and returns the newest that are
// there, oldest first. A line that is none is passed over.
func (f *file) open() (lines []line, err error) {
	opened, err := os.OpenFile(f.name, os.O_RDWR|os.O_CREATE|os.O_APPEND, fileMode)
	if err != nil {
		return nil, f.failed(err)
	}
	defer opened.Close()
	info, err := opened.Stat()
	switch {
	case err != nil:
		return nil, f.failed(err)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("Config.AdminAuditFile: %s is no file: name one that this user may write", f.name)
	}
	from := max(info.Size()-tail, 0)
	text, err := io.ReadAll(io.NewSectionReader(opened, from, tail))
	if err != nil {
		return nil, f.failed(err)
	}
	if from > 0 {
		_, text, _ = bytes.Cut(text, []byte("\n")) // the rest of a line
	}
	f.torn = len(text) > 0 && !bytes.HasSuffix(text, []byte("\n"))
	return linesOf(text, place{fingerprint(opened), info.Size() - int64(len(text))}), nil
}

func (f *file) failed(err error) error {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err // the name stands in the message already
	}
	return fmt.Errorf("Config.AdminAuditFile: can't write %s (%w): check its name and permissions", f.name, err)
}

// write adds a line. It is on the disk when write returns, at the place.
func (f *file) write(e *Entry) (at place, err error) {
	line, err := json.Marshal(e)
	if err != nil {
		return at, err
	}
	aside := f.putAsideAt(largestFile) // where it can't be, the file becomes larger
	opened, err := os.OpenFile(f.name, os.O_RDWR|os.O_CREATE|os.O_APPEND, fileMode)
	if err != nil {
		return at, f.failed(err)
	}
	info, err := opened.Stat()
	if line = append(plain(line), '\n'); f.torn {
		line = append([]byte("\n"), line...) // or this one would be a part of that
	}
	if err == nil {
		_, err = opened.Write(line)
		f.torn = err != nil
		at = place{fingerprint(opened), info.Size()}
	}
	if err := errors.Join(err, opened.Sync(), opened.Close()); err != nil {
		return place{}, f.failed(err)
	}
	return at, aside
}

// putAsideAt gives the file another name if it has that many bytes.
func (f *file) putAsideAt(size int64) error {
	if info, err := os.Stat(f.name); err != nil || info.Size() < size {
		return nil // opening it tells better what is wrong
	}
	f.moving.Lock()
	defer f.moving.Unlock()
	for ago := olderFiles; ago > 0; ago-- {
		if err := os.Rename(f.named(ago-1), f.named(ago)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return f.failed(err)
		}
	}
	return nil
}

// plain writes what isn't ASCII and can't be seen, and may tell a terminal or a reader
// something else, as JSON's escapes.
func plain(line []byte) []byte {
	hidden := func(r rune) bool { return r >= utf8.RuneSelf && !unicode.IsPrint(r) }
	if !bytes.ContainsFunc(line, hidden) {
		return line
	}
	escaped := make([]byte, 0, len(line))
	for _, r := range string(line) {
		if !hidden(r) {
			escaped = utf8.AppendRune(escaped, r)
			continue
		}
		for _, unit := range utf16.AppendRune(nil, r) {
			escaped = fmt.Appendf(escaped, `\u%04x`, unit)
		}
	}
	return escaped
}
