package adminport

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestSessionsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s sessions
		alice := &key{name: "alice"}
		first, _ := s.open(alice, time.Now())
		for range maxSessionsEach {
			time.Sleep(time.Second) //nolint:forbidigo // the clock is synctest's
			s.open(alice, time.Now())
		}
		if _, ok := s.find(first, time.Now()); ok || len(s.byID) != maxSessionsEach {
			t.Errorf("one token has %d sessions, the first among them: %t", len(s.byID), ok)
		}
		var last string
		for i := range 2 * maxSessions {
			last, _ = s.open(&key{name: fmt.Sprint(i)}, time.Now())
		}
		if _, ok := s.find(last, time.Now()); !ok || len(s.byID) != maxSessions {
			t.Errorf("there are %d sessions, the last among them: %t", len(s.byID), ok)
		}
		time.Sleep(sessionTime) //nolint:forbidigo // likewise
		if _, ok := s.find(last, time.Now()); ok {
			t.Error("a session goes on for ever")
		}
		if s.open(alice, time.Now()); len(s.byID) != 1 {
			t.Errorf("%d sessions are kept that have ended", len(s.byID)-1)
		}
	})
}
