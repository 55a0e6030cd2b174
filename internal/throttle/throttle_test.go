package throttle

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestThrottle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := New(3)
		for i := range 10 {
			if allowed, dropped := l.Admit(1); allowed != (i < 3) || dropped != 0 {
				t.Errorf("%d: %v, %d dropped", i, allowed, dropped)
			}
		}
		time.Sleep(400 * time.Millisecond) //nolint:forbidigo // of a synctest bubble's clock
		if rest := l.Rest(); rest != 600*time.Millisecond {
			t.Errorf("it rests for %s", rest)
		}
		time.Sleep(l.Rest()) //nolint:forbidigo // of a synctest bubble's clock
		if allowed, dropped := l.Admit(5); !allowed || dropped != 7 {
			t.Errorf("in the next second: %v, %d dropped", allowed, dropped)
		}
		if allowed, dropped := l.Admit(1); allowed || dropped != 0 {
			t.Errorf("after five: %v, %d dropped", allowed, dropped)
		}
	})
}

func TestLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, l := range map[string]*Lines{"many": NewLines(3, 1000), "long": NewLines(1000, 300)} {
			for i := range 10 {
				if allowed, dropped := l.Admit(100); allowed != (i < 3) || dropped != 0 {
					t.Errorf("%s, %d: %v, %d dropped", name, i, allowed, dropped)
				}
			}
			time.Sleep(time.Second) //nolint:forbidigo // of a synctest bubble's clock
			if allowed, dropped := l.Admit(100); !allowed || dropped != 7 {
				t.Errorf("%s, in the next second: %v, %d dropped", name, allowed, dropped)
			}
		}
	})
}
