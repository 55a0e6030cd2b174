package clip

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestTextIsCutBetweenCharacters(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"", ""},
		{"12345678", "12345678"},
		{"123456789", "12345…"},
		{"12345ä78", "12345…"},
		{"1234ä6789", "1234…"},
		{"äöü", "äöü"},
		{"a\xffb", "a\uFFFDb"},
		{"\xff", "\uFFFD"},
		{"1234567\xff", "12345…"}, // its replacement is longer
		{strings.Repeat("\xff", 100), "\uFFFD…"},
	} {
		if got := Text(c.text, 8); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("a\xffä€𝄞", 5)
	f.Fuzz(func(t *testing.T, text string, most int) {
		most = 3 + most&0xff
		got := Text(text, most)
		if len(got) > most || !utf8.ValidString(got) {
			t.Errorf("%q of %q has %d bytes, at most %d are wanted", got, text, len(got), most)
		}
		if utf8.ValidString(text) && !strings.HasPrefix(text, strings.TrimSuffix(got, more)) {
			t.Errorf("%q does not begin as %q", got, text)
		}
	})
}
