package audit

import (
	"errors"
	"strconv"
	"strings"
)

// A Found entry is one with the cursor by which Before goes on after it.
type Found struct {
	Entry

	Cursor string
}

// ErrCursor is what Before fails with when the cursor is not its own.
var ErrCursor = errors.New("the cursor does not come from here, or from before a restart: begin with the newest")

// A cursor tells where an entry stands: by its number while it is in memory, and by
// its place in a file then.
type cursor struct {
	number uint64 // 0: in a file
	place  place
}

const inMemory, inFile = "m", "f"

func (t *Trail) cursorOf(c cursor) string {
	if c.number > 0 {
		return inMemory + strconv.FormatUint(t.epoch, 36) + "." + strconv.FormatUint(c.number, 36)
	}
	return inFile + strconv.FormatUint(c.place.file, 36) + "." + strconv.FormatInt(c.place.offset, 36)
}

// parse is the reverse of cursorOf; no text is the newest.
func (t *Trail) parse(text string) (c cursor, err error) {
	if text == "" {
		return cursor{number: ^uint64(0)}, nil
	}
	first, second, _ := strings.Cut(text[1:], ".")
	source, err := strconv.ParseUint(first, 36, 64) // an epoch or a file
	if err != nil {
		return c, ErrCursor
	}
	number, err := strconv.ParseInt(second, 36, 64)
	switch kind := text[:1]; {
	case err == nil && number > 0 && kind == inMemory && source == t.epoch:
		return cursor{number: uint64(number)}, nil
	case err == nil && number >= 0 && kind == inFile && t.file != nil:
		return cursor{place: place{source, number}}, nil
	default:
		return c, ErrCursor
	}
}

// Before returns the newest entries that match, the newest first, from those before
// the cursor; "": from the newest on. next is the cursor to go on with, "" when there is
// no other. There may be fewer than limit, and none, before that: no more than a bounded
// part of the files is looked through at once.
func (t *Trail) Before(from string, limit int, match func(*Entry) bool) (found []Found, next string, err error) {
	c, err := t.parse(from)
	if err != nil {
		return nil, "", err
	}
	if c.number > 0 {
		var more bool
		if found, c, more = t.kept(c.number, limit, match); more {
			return found, t.cursorOf(c), nil
		}
	}
	switch {
	case t.file == nil:
		return found, "", nil
	case len(found) == limit:
		return found, t.cursorOf(c), nil
	}
	older, at, more, err := t.file.before(c.place, limit-len(found), match)
	for i := range older {
		found = append(found, Found{older[i].Entry, t.cursorOf(cursor{place: older[i].at})})
	}
	if more {
		next = t.cursorOf(cursor{place: at})
	}
	return found, next, err
}

// kept returns entries that are in memory, with the number before which they are. at is
// where to go on: with more, in memory, and otherwise in the files, before the oldest
// that has a place there.
func (t *Trail) kept(number uint64, limit int, match func(*Entry) bool) (found []Found, at cursor, more bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for n := min(t.oldest+uint64(len(t.list))+1, number) - 1; n > t.oldest; n-- {
		e := &t.list[n-t.oldest-1]
		if !match(&e.Entry) {
			continue
		}
		if len(found) == limit {
			return found, cursor{number: n + 1}, true
		}
		found = append(found, Found{e.Entry, t.cursorOf(cursor{number: n})})
	}
	for i := range t.list {
		if at.place = t.list[i].at; at.place.file != 0 {
			break
		}
	}
	return found, at, false
}
