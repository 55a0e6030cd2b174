package follow

import (
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/client"
)

// TestBarsFitTheTerminal, however narrow it is and whatever the task says.
func TestBarsFitTheTerminal(t *testing.T) {
	for _, width := range []int{0, 1, 5, 10, 20, 80, 300} {
		var screen strings.Builder
		v := &View{w: &screen, width: func() int { return width }}
		v.Show(client.Event{State: client.StateRunning})
		for _, fraction := range []float64{0, 0.333, 1} {
			v.Show(client.Event{Progress: &client.Progress{Fraction: fraction, Note: strings.Repeat("grüße\n", 20)}})
		}
		drawn := strings.Split(screen.String(), eraseLine)
		if len(drawn) != 1+1+3 || strings.Contains(screen.String(), "\n") {
			t.Fatalf("%d columns: %q", width, screen.String())
		}
		for _, bar := range drawn {
			if n := len([]rune(bar)); n > max(width-1, 0) {
				t.Errorf("%d columns: a bar of %d: %q", width, n, bar)
			}
		}
		v.Show(client.Event{Log: &client.LogLine{Text: "line"}})
		if !strings.Contains(screen.String(), eraseLine+"INFO line\n"+eraseLine) {
			t.Errorf("%d columns: no line above the bar: %q", width, screen.String())
		}
		v.Show(client.Event{Ended: &client.Result{}})
		if !strings.HasSuffix(screen.String(), eraseLine) {
			t.Errorf("%d columns: the bar stays: %q", width, screen.String())
		}
	}
}
