package loader

import (
	"testing"
	"time"
)

func TestPausesGrowAndCrashesAreForgotten(t *testing.T) {
	var c backoff
	now := time.Now()
	want := shortestPause
	for i := range 12 {
		recent, pause := c.add(now)
		if recent != i+1 || pause != want {
			t.Errorf("crash %d: got %d recent ones and a pause of %s, want %s", i+1, recent, pause, want)
		}
		want = min(2*want, longestPause)
		now = now.Add(time.Second)
	}
	if recent, pause := c.add(now.Add(crashWindow)); recent != 1 || pause != shortestPause {
		t.Errorf("after a while: got %d recent ones and a pause of %s", recent, pause)
	}
}
