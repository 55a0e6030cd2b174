package jsontext

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"unicode/utf8"
)

// TypeKey is the key whose place the check notes for each object.
const TypeKey = "@type"

// A Text is a JSON text that was checked. It shares the memory of the bytes
// that it was made from.
type Text struct {
	bytes   []byte
	objects []object // in the order in which they begin
}

// Len returns how many bytes the text has.
func (t *Text) Len() int { return len(t.bytes) }

// An object is where one begins, and where the value of its "@type" is; 0: it
// has none.
type object struct{ start, typeAt uint32 }

// A SyntaxError says where a text is not JSON, and why.
type SyntaxError struct {
	Offset int // in bytes
	Reason string
}

// Error implements error.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("invalid JSON at byte %d: %s", e.Offset, e.Reason)
}

// ErrTooLarge refuses a text of 4 GiB or more.
var ErrTooLarge = errors.New("a JSON text of 4 GiB or more")

// Check reads all of b and returns it as a text, or a [SyntaxError]: for what
// is not JSON, a string that is not Unicode, an object with two "@type"s, or
// more than maxDepth lists and objects inside each other.
func Check(b []byte, maxDepth int) (Text, error) {
	if uint64(len(b)) > math.MaxUint32 {
		return Text{}, ErrTooLarge
	}
	c := checker{b: b, depth: maxDepth}
	c.blank()
	c.value()
	c.blank()
	if c.failed == nil && c.at < len(b) {
		c.fail("something follows the value")
	}
	if c.failed != nil {
		return Text{}, c.failed
	}
	return Text{bytes: b, objects: c.objects}, nil
}

// checker reads a text once. After a failure it stands at the end, so that
// nothing goes on.
type checker struct {
	b       []byte
	at      int
	depth   int // how many more lists and objects may open
	objects []object
	failed  *SyntaxError
}

func (c *checker) fail(reason string) {
	if c.failed == nil {
		c.failed = &SyntaxError{Offset: c.at, Reason: reason}
	}
	c.at = len(c.b)
}

// peek returns the next byte; 0, which no token begins with, at the end.
func (c *checker) peek() byte {
	if c.at < len(c.b) {
		return c.b[c.at]
	}
	return 0
}

func (c *checker) blank() { c.at = skipBlank(c.b, c.at) }

func skipBlank(b []byte, at int) int {
	for at < len(b) && (b[at] == ' ' || b[at] == '\n' || b[at] == '\t' || b[at] == '\r') {
		at++
	}
	return at
}

func (c *checker) value() {
	switch ch := c.peek(); {
	case ch == '{':
		c.object()
	case ch == '[':
		c.array()
	case ch == '"':
		c.text()
	case ch == '-' || '0' <= ch && ch <= '9':
		c.number()
	case ch == 't':
		c.word("true")
	case ch == 'f':
		c.word("false")
	case ch == 'n':
		c.word("null")
	case c.at >= len(c.b):
		c.fail("it ends before the value does")
	default:
		c.fail("no value begins like this")
	}
}

func (c *checker) word(want string) {
	if len(c.b)-c.at < len(want) || string(c.b[c.at:c.at+len(want)]) != want {
		c.fail("no value begins like this")
		return
	}
	c.at += len(want)
}

// open enters a list or an object; false means that it is empty, or too deep.
func (c *checker) open(end byte) bool {
	if c.depth == 0 {
		c.fail("lists and objects nest too deep")
		return false
	}
	c.at++
	c.blank()
	if c.peek() == end {
		c.at++
		return false
	}
	c.depth--
	return true
}

// more goes on to the next element; false means that there is none.
func (c *checker) more(end byte) bool {
	c.blank()
	switch c.peek() {
	case ',':
		c.at++
		c.blank()
		return true
	case end:
		c.at++
	default:
		c.fail("want ',' or '" + string(end) + "'")
	}
	c.depth++
	return false
}

func (c *checker) array() {
	if !c.open(']') {
		return
	}
	for {
		c.value()
		if !c.more(']') {
			return
		}
	}
}

func (c *checker) object() {
	index := len(c.objects)
	c.objects = append(c.objects, object{start: uint32(c.at)})
	if !c.open('}') {
		return
	}
	for {
		key := c.key()
		if isTypeKey(key) {
			if c.objects[index].typeAt != 0 {
				c.fail("a second " + TypeKey)
			}
			c.objects[index].typeAt = uint32(c.at)
		}
		c.value()
		if !c.more('}') {
			return
		}
	}
}

// isTypeKey tells whether a key, as it stands between its quotes, is TypeKey.
func isTypeKey(key []byte) bool {
	if len(key) <= len(TypeKey)*unicodeEscape && bytes.IndexByte(key, '\\') >= 0 {
		return unescape(key) == TypeKey
	}
	return string(key) == TypeKey
}

// key reads a key and the colon after it, and returns what stands between the
// key's quotes.
func (c *checker) key() []byte {
	if c.peek() != '"' {
		c.fail("want a key in quotes")
		return nil
	}
	start := c.at + 1
	c.text()
	if c.failed != nil {
		return nil
	}
	key := c.b[start : c.at-1]
	c.blank()
	if c.peek() != ':' {
		c.fail("want ':' after a key")
		return nil
	}
	c.at++
	c.blank()
	return key
}

func (c *checker) number() {
	if c.peek() == '-' {
		c.at++
	}
	if c.peek() == '0' {
		c.at++
	} else {
		c.digits()
	}
	if c.peek() == '.' {
		c.at++
		c.digits()
	}
	if ch := c.peek(); ch == 'e' || ch == 'E' {
		c.at++
		if ch := c.peek(); ch == '+' || ch == '-' {
			c.at++
		}
		c.digits()
	}
}

func (c *checker) digits() {
	start := c.at
	for ch := c.peek(); '0' <= ch && ch <= '9'; ch = c.peek() {
		c.at++
	}
	if c.at == start {
		c.fail("want a digit")
	}
}

// text reads a string in quotes.
func (c *checker) text() {
	c.at++
	for {
		switch ch := c.peek(); {
		case ch == '"':
			c.at++
			return
		case ch == '\\':
			c.escape()
		case c.at >= len(c.b):
			c.fail("it ends inside a string")
			return
		case ch < ' ':
			c.fail("a control character inside a string")
			return
		case ch < utf8.RuneSelf:
			c.at++
		default:
			r, size := utf8.DecodeRune(c.b[c.at:])
			if r == utf8.RuneError && size == 1 {
				c.fail("a string is not valid UTF-8")
				return
			}
			c.at += size
		}
	}
}

func (c *checker) escape() {
	n := escapeLength(c.b[c.at:])
	if n == 0 {
		c.fail("an escape that JSON does not have, or half of a surrogate pair")
		return
	}
	c.at += n
}
