package prompt

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"golang.org/x/term"
)

func TestWhatOthersWriteStandsAboveTheLine(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	screen := NewScreen(&out)
	write := func(text string) {
		t.Helper()
		if _, err := io.WriteString(screen, text); err != nil {
			t.Fatal(err)
		}
	}
	write("before\n")
	in, typed := io.Pipe()
	terminal := term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{in, &out}, "dev> ")
	screen.edit(terminal)
	line := make(chan string)
	go func() {
		text, _ := terminal.ReadLine()
		line <- text
	}()
	if _, err := io.WriteString(typed, "hel"); err != nil {
		t.Fatal(err)
	}
	write("meanwhile\n")
	if _, err := io.WriteString(typed, "lo\r"); err != nil {
		t.Fatal(err)
	}
	if got := <-line; got != "hello" {
		t.Errorf("the line is %q", got)
	}
	screen.edit(nil)
	write("after\n")
	if got := out.String(); !strings.HasPrefix(got, "before\n") || !strings.Contains(got, "meanwhile\r\ndev> ") || !strings.HasSuffix(got, "after\n") {
		t.Errorf("the screen has %q", got)
	}
	var nobody *Screen
	nobody.edit(terminal) // a prompt without one
}
