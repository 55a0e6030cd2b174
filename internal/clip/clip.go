// Package clip cuts texts of others to a bound.
package clip

import (
	"strings"
	"unicode/utf8"
)

// more stands where a text was cut.
const more = "…"

// Text returns a foreign text as valid UTF-8 of at most so many bytes, which must be
// enough for "…": that is what it ends with if there was more. It may share the text's
// memory.
func Text(text string, most int) string {
	valid := strings.ToValidUTF8(text[:min(len(text), most+utf8.UTFMax)], "\uFFFD")
	if len(text) <= most && len(valid) <= most {
		return valid
	}
	cut := min(len(valid), most-len(more))
	for cut > 0 && cut < len(valid) && !utf8.RuneStart(valid[cut]) {
		cut--
	}
	return valid[:cut] + more
}
