package jsontext

import (
	"unicode/utf16"
	"unicode/utf8"
)

// An escape is two bytes, \uXXXX six, and a pair of surrogates twelve.
const (
	shortEscape   = 2
	unicodeEscape = 6
	pairEscape    = 2 * unicodeEscape
)

// plain is what the letter of a short escape stands for; 0: there is none.
func plain(letter byte) byte {
	switch letter {
	case '"', '\\', '/':
		return letter
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	default:
		return 0
	}
}

// escapeLength returns how many bytes the escape at the front of b has; 0 when
// it is none.
func escapeLength(b []byte) int {
	switch {
	case len(b) < shortEscape:
		return 0
	case b[1] != 'u':
		if plain(b[1]) == 0 {
			return 0
		}
		return shortEscape
	}
	_, n := unicodeOf(b)
	return n
}

// unicodeOf returns what the \u escape at the front of b stands for, and its
// length; 0 when it is none.
func unicodeOf(b []byte) (r rune, n int) {
	r, ok := hex4(b)
	switch {
	case !ok:
		return 0, 0
	case !utf16.IsSurrogate(r):
		return r, unicodeEscape
	}
	low, ok := hex4(b[unicodeEscape:])
	if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
		return 0, 0
	}
	return r, pairEscape
}

// hex4 reads \uXXXX.
func hex4(b []byte) (r rune, ok bool) {
	if len(b) < unicodeEscape || b[0] != '\\' || b[1] != 'u' {
		return 0, false
	}
	for _, ch := range b[shortEscape:unicodeEscape] {
		var digit byte
		switch {
		case '0' <= ch && ch <= '9':
			digit = ch - '0'
		case 'a' <= ch && ch <= 'f':
			digit = ch - 'a' + 10
		case 'A' <= ch && ch <= 'F':
			digit = ch - 'A' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(digit)
	}
	return r, true
}

// unescape returns what stands between a checked string's quotes.
func unescape(b []byte) string {
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		switch {
		case b[0] != '\\':
			out = append(out, b[0])
			b = b[1:]
		case b[1] != 'u':
			out = append(out, plain(b[1]))
			b = b[shortEscape:]
		default:
			r, n := unicodeOf(b)
			out = utf8.AppendRune(out, r)
			b = b[n:]
		}
	}
	return string(out)
}
