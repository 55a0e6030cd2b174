package table

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Line returns text as one line that can't steer the terminal and looks like
// what it is: what doesn't show, or moves what stands beside it, is escaped as
// Go does (\u202e, \x1b). Line breaks and tabs become blanks.
func Line(text string) string {
	if plain(text) {
		return text
	}
	var line strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		switch {
		case r == utf8.RuneError && size == 1, r != '\n' && r != '\r' && r != '\t' && !unicode.IsPrint(r):
			quoted := strconv.QuoteToASCII(text[:size])
			line.WriteString(quoted[1 : len(quoted)-1])
		case unicode.IsPrint(r):
			line.WriteRune(r)
		default:
			line.WriteByte(' ')
		}
		text = text[size:]
	}
	return line.String()
}

func plain(text string) bool {
	for _, r := range text {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return false
		}
	}
	return true
}

// ID returns an id, or another name that clients choose, as it is, or quoted as
// Go does where it could be taken for another one: with what doesn't show, with
// blanks, or with quotation marks of its own.
func ID(id string) string {
	if id != "" && plain(id) && !strings.ContainsAny(id, " \"\\") {
		return id
	}
	return strconv.Quote(id)
}

// OrDash returns text, or a dash for none.
func OrDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// Shorten cuts a text that would fill more than a line.
func Shorten(text string) string {
	const most = 100
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}
