package loader

import (
	"log/slog"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// TestLinesAreThoseOfPluginsThatTalk: a new plugin's are kept, however many plugins
// there were; those of the one that has said nothing for longest go.
func TestLinesAreThoseOfPluginsThatTalk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := new(Loader)
		say := func(plugin string) {
			l.lines.add(plugin, slog.LevelInfo, "of "+plugin)
			<-time.After(time.Second)
		}
		for i := range maxTalkers {
			say(strconv.Itoa(i))
		}
		say("0")
		say("new")
		for plugin, want := range map[string]int{"0": 2, "1": 0, "2": 1, "new": 1} {
			lines, left := l.Lines(plugin)
			if len(lines) != want || left != 0 {
				t.Errorf("of %s there are %v, and %d more, want %d", plugin, lines, left, want)
			}
		}
	})
}
