package pace

import (
	"testing"
	"time"
)

func TestMeanFollowsWhatItTakes(t *testing.T) {
	var p Pace
	p.Takes(time.Second)
	for range 100 {
		p.Took(time.Microsecond)
	}
	if mean := p.Mean(); mean < 100*time.Millisecond || mean > 300*time.Millisecond {
		t.Errorf("%s after 100 brief ones, want a fifth of a second: nobody is known so soon", mean)
	}
	for range 1000 {
		p.Took(time.Microsecond)
	}
	if mean := p.Mean(); mean > 2*time.Microsecond {
		t.Errorf("%s after 1,100 brief ones", mean)
	}
	p.Took(time.Millisecond)
	if mean := p.Mean(); mean < 10*time.Microsecond {
		t.Errorf("%s after a long one: it doesn't count", mean)
	}
}
