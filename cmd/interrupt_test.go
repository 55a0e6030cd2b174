package cmd

import (
	"context"
	"os"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhichSignalEndsAtOnce(t *testing.T) {
	type sent struct {
		signal os.Signal
		after  time.Duration
	}
	for name, test := range map[string]struct {
		signals []sent
		exits   bool
	}{
		"once":                        {[]sent{{syscall.SIGTERM, 0}}, false},
		"to a process and its group":  {[]sent{{syscall.SIGTERM, 0}, {syscall.SIGTERM, 0}}, false},
		"twice within a second":       {[]sent{{syscall.SIGTERM, 0}, {syscall.SIGTERM, 999 * time.Millisecond}}, false},
		"twice":                       {[]sent{{syscall.SIGTERM, 0}, {syscall.SIGTERM, time.Second}}, true},
		"the third time":              {[]sent{{syscall.SIGTERM, 0}, {syscall.SIGTERM, 0}, {syscall.SIGTERM, time.Second}}, true},
		"an impatient Ctrl-C":         {[]sent{{os.Interrupt, 0}, {os.Interrupt, time.Millisecond}}, true},
		"Ctrl-C after a supervisor's": {[]sent{{syscall.SIGTERM, 0}, {os.Interrupt, time.Millisecond}}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				exits := 0
				ctx, cancel := context.WithCancel(t.Context())
				signals := &interrupts{whole: cancel, exit: func(os.Signal) { exits++ }}
				for _, s := range test.signals {
					<-time.After(s.after)
					signals.handle(s.signal)
				}
				if ctx.Err() == nil || (exits > 0) != test.exits {
					t.Errorf("asked to end: %v; exits at once: %d", ctx.Err(), exits)
				}
			})
		})
	}
}
