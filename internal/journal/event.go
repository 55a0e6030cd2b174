// Package journal keeps what happens to executions while they run, for those who
// watch, now or later: states, how far they are, and what they log. Each event
// has a number that counts up within its execution.
//
// Nothing that a task says makes this grow: an execution has room for its newest
// lines and its last progress alone, and all executions together have a budget,
// from which those go first that ended longest ago. Who watches has no buffer: it
// reads on from the number that it has seen last, and the numbers that are missing
// then are those of events that are not kept any more.
package journal

import (
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/clip"
	"github.com/taskscheduler/taskscheduler/internal/store"
)

// Kind says what an [Event] is about.
type Kind uint8

// The kinds of event.
const (
	Status   Kind = iota // the execution has reached State
	Progress             // it says how far it is: Fraction, and Text as a note
	Log                  // it has logged Text, at Level
	Ended                // it has ended, in State; nothing follows
)

// An Event is something that happened to an execution.
type Event struct {
	// Number counts the execution's events from 1.
	Number uint64
	Time   time.Time
	Kind   Kind
	State  store.State
	// Fraction is from 0 to 1.
	Fraction float64
	Level    slog.Level
	// Text is valid UTF-8 of [MaxText] bytes at the most.
	Text string
}

// MaxText is how many bytes of a line or a note are kept.
const MaxText = 4 << 10

// Text returns as much of a foreign text as is kept, as valid UTF-8 in memory of
// its own.
func Text(foreign string) string {
	return strings.Clone(clip.Text(foreign, MaxText))
}

// IsFraction tells whether f is from 0 to 1, as progress is.
func IsFraction(f float64) bool { return f >= 0 && f <= 1 }

// level makes a level fit the contract's 32 bits.
func level(l slog.Level) slog.Level {
	return slog.Level(min(max(int64(l), math.MinInt32), math.MaxInt32))
}
