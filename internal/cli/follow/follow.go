// Package follow shows what a task says of itself while it runs: a bar on a
// terminal, with the task's log above it, and a line for each event anywhere else.
package follow

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// A View is where events are shown. It is used by one goroutine at a time.
type View struct {
	w     io.Writer
	width func() int // of the terminal; nil: it is none

	state client.State
	last  client.Progress
	bar   bool // there is one on the screen
}

// New returns a view of w.
func New(w io.Writer) *View {
	v := &View{w: w}
	if file, ok := w.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		v.width = func() int {
			width, _, err := term.GetSize(int(file.Fd()))
			if err != nil || width <= 0 {
				return usualWidth
			}
			return width
		}
	}
	return v
}

// usualWidth is for a terminal that doesn't tell its own.
const usualWidth = 80

// Draws tells whether there is a terminal, and so a bar.
func (v *View) Draws() bool { return v.width != nil }

// Show shows an event.
func (v *View) Show(e client.Event) {
	switch {
	case e.Ended != nil:
		v.Clear()
	case e.Log != nil:
		v.Clear()
		v.line(e, e.Log.Level.String()+" "+e.Log.Text)
	case e.Progress != nil:
		v.last = *e.Progress
	default:
		v.state = e.State
	}
	switch {
	case v.width != nil && e.Ended == nil:
		v.draw()
	case v.width != nil || e.Log != nil:
	case e.Progress != nil:
		v.line(e, strings.TrimRight(fmt.Sprintf("%s %s", percent(v.last), v.last.Note), " "))
	case e.Ended != nil:
		v.line(e, e.Ended.State.String())
	default:
		v.line(e, e.State.String())
	}
}

// line writes what happened as a line. What a task says is for the eyes alone: it
// can't move the cursor.
func (v *View) line(e client.Event, text string) {
	moment := "" // of the end of a task of which nothing else is kept
	if !e.Time.IsZero() {
		moment = e.Time.Local().Format("15:04:05.000 ") //nolint:gosmopolitan // for the person who looks
	}
	fmt.Fprintf(v.w, "%s%s\n", moment, table.Line(text))
}

func percent(p client.Progress) string { return fmt.Sprintf("%3.0f%%", 100*p.Fraction) }

// barWidth is how wide a bar is where there is room.
const barWidth = 30

// draw writes the bar over the one that is there.
func (v *View) draw() {
	room := v.width() - 1 // a full line would wrap
	var text string
	if v.last == (client.Progress{}) {
		text = v.state.String() + "…"
	} else {
		cells := max(0, min(barWidth, room-len("[] 100%")))
		full := int(v.last.Fraction * float64(cells))
		bar := strings.Repeat("#", full) + strings.Repeat("-", cells-full)
		text = fmt.Sprintf("[%s] %s %s", bar, percent(v.last), table.Line(v.last.Note))
	}
	v.bar = true
	fmt.Fprint(v.w, eraseLine+cut(text, room))
}

const eraseLine = "\r\x1b[K"

// Clear takes the bar away, if there is one.
func (v *View) Clear() {
	if v.bar {
		fmt.Fprint(v.w, eraseLine)
		v.bar = false
	}
}

// cut returns as much of a line as there is room for.
func cut(line string, room int) string {
	if runes := []rune(line); len(runes) > room {
		return string(runes[:max(room, 0)])
	}
	return line
}
