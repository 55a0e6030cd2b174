package jsontext

import "bytes"

// A Cursor reads a checked text from front to back. It is told what to expect
// by [Cursor.Kind]; reading something else than what is there is the caller's
// mistake, and panics.
type Cursor struct {
	text   *Text
	at     int
	object int // the next of text.objects that may begin here
}

// Kinds of value, as [Cursor.Kind] tells them.
const (
	Object = '{'
	Array  = '['
	String = '"'
	Number = '0'
	True   = 't'
	False  = 'f'
	Null   = 'n'
)

// Cursor returns one that stands before the text's value.
func (t *Text) Cursor() Cursor {
	return Cursor{text: t, at: skipBlank(t.bytes, 0)}
}

// Kind returns what begins here.
func (c *Cursor) Kind() byte {
	if ch := c.text.bytes[c.at]; ch != '-' && (ch < '0' || ch > '9') {
		return ch
	}
	return Number
}

// Offset returns how many bytes of the text lie before the cursor.
func (c *Cursor) Offset() int { return c.at }

// Enter steps into the list or object that begins here; [Cursor.More] goes on.
func (c *Cursor) Enter() { c.at = skipBlank(c.text.bytes, c.at+1) }

// More reports whether there is another element in the list or object that the
// cursor is in, and goes there, or behind the end.
func (c *Cursor) More() bool {
	c.blank()
	switch c.text.bytes[c.at] {
	case ',':
		c.at++
		c.blank()
	case ']', '}':
		c.at++
		return false
	}
	return true
}

// Key reads an object's next key, and goes to its value.
func (c *Cursor) Key() string {
	key := c.String()
	c.blank()
	c.at++ // the colon
	c.blank()
	return key
}

// String reads a string.
func (c *Cursor) String() string {
	start := c.at + 1
	end, escaped := c.stringEnd()
	c.at = end + 1
	if escaped {
		return unescape(c.text.bytes[start:end])
	}
	return string(c.text.bytes[start:end])
}

// Number reads a number and returns it as it stands there.
func (c *Cursor) Number() string {
	start := c.at
	for c.at < len(c.text.bytes) && bytes.IndexByte(numberBytes, c.text.bytes[c.at]) >= 0 {
		c.at++
	}
	return string(c.text.bytes[start:c.at])
}

var numberBytes = []byte("0123456789+-.eE")

// Skip goes behind the value that begins here.
func (c *Cursor) Skip() {
	depth := 0
	for {
		switch c.Kind() {
		case Object, Array:
			depth++
			c.at++
		case '}', ']':
			depth--
			c.at++
		case String:
			end, _ := c.stringEnd()
			c.at = end + 1
		case Number:
			c.Number()
		case True, Null:
			c.at += len("true")
		case False:
			c.at += len("false")
		default: // between elements
			c.at++
			continue
		}
		if depth == 0 {
			return
		}
	}
}

// Type returns the "@type" of the object that begins here; ok is false when
// there is none, or it is not a string.
func (c *Cursor) Type() (name string, ok bool) {
	objects := c.text.objects
	for int(objects[c.object].start) < c.at {
		c.object++
	}
	at := int(objects[c.object].typeAt)
	if at == 0 || c.text.bytes[at] != String {
		return "", false
	}
	there := Cursor{text: c.text, at: at}
	return there.String(), true
}

// stringEnd returns where the closing quote of the string that begins here is.
func (c *Cursor) stringEnd() (end int, escaped bool) {
	b := c.text.bytes
	for end = c.at + 1; b[end] != '"'; end++ {
		if b[end] == '\\' {
			escaped = true
			end++
		}
	}
	return end, escaped
}

func (c *Cursor) blank() { c.at = skipBlank(c.text.bytes, c.at) }
