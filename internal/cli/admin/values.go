package admin

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/client/admin"
	"github.com/taskscheduler/taskscheduler/internal/cli/literal"
	"github.com/taskscheduler/taskscheduler/internal/setting"
)

// executionState is a state that an execution can be in.
type executionState string

// UnmarshalText reads a state such as "running".
func (s *executionState) UnmarshalText(text []byte) error {
	word, err := oneOf(admin.ExecutionStates(), text)
	*s = executionState(word)
	return err
}

// eventKind is a kind of event.
type eventKind string

// UnmarshalText reads a kind such as "task_ended".
func (k *eventKind) UnmarshalText(text []byte) error {
	word, err := oneOf(admin.EventKinds(), text)
	*k = eventKind(word)
	return err
}

// code is one of gRPC's codes.
type code string

// UnmarshalText reads a code such as "INVALID_ARGUMENT", or "invalid-argument".
func (c *code) UnmarshalText(text []byte) error {
	read, err := literal.Code(string(text))
	*c = code(read.String())
	return err
}

// limit is how many at most; 0 is any number.
type limit int

// UnmarshalText reads a number such as "100".
func (l *limit) UnmarshalText(text []byte) error {
	n, err := setting.Limit.Parse(string(text))
	*l = limit(n)
	return err
}

// oneOf returns the word that text spells, in its own way.
func oneOf(words []string, text []byte) (string, error) {
	word := strings.ReplaceAll(strings.ToLower(string(text)), "-", "_")
	if !slices.Contains(words, word) {
		return "", fmt.Errorf("want %s or %s, got %q",
			strings.Join(words[:len(words)-1], ", "), words[len(words)-1], text)
	}
	return word, nil
}

// moment is a time; the zero moment is none.
type moment struct{ time time.Time }

// UnmarshalText reads how long ago, such as "10m", or a time such as
// "2006-01-02T15:04:05Z", "2006-01-02 15:04:05" or "2006-01-02", which without a
// zone are the user's.
func (m *moment) UnmarshalText(text []byte) error {
	if ago, err := time.ParseDuration(string(text)); err == nil && ago >= 0 {
		m.time = time.Now().Add(-ago)
		return nil
	}
	at, err := literal.Time(string(text))
	if err != nil {
		return fmt.Errorf("want how long ago, such as 10m, or a time such as 2006-01-02T15:04:05Z, got %q", text)
	}
	m.time = at
	return nil
}
