package cmd

import (
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/literal"
	"github.com/taskscheduler/taskscheduler/task"
)

// laterFlags say when a task runs, and when again.
type laterFlags struct {
	StartAt moment `group:"Later:" placeholder:"TIME" xor:"start" help:"Not before this time, such as 2006-01-02T15:04:05Z; without a zone it is yours."`
	In      period `group:"Later:" placeholder:"TIME" xor:"start" help:"Not before so long from now."`

	MaxAttempts       int     `group:"Later:" placeholder:"N" help:"How often the task runs in all while it fails (default: once)."`
	Backoff           period  `group:"Later:" placeholder:"TIME" help:"How long it waits after the first attempt; half of each wait is random (default: 1s)."`
	MaxBackoff        period  `group:"Later:" placeholder:"TIME" help:"The longest wait (default: 5m)."`
	BackoffMultiplier float64 `group:"Later:" placeholder:"N" help:"How many times longer each wait is than the one before (default: 2)."`
	RetryCode         []code  `group:"Later:" placeholder:"CODE" complete:"code" help:"Run again only after this failure, such as UNAVAILABLE; several with commas (default: all but INVALID_ARGUMENT, NOT_FOUND and CANCELLED)."`
}

// given tells whether any of them is.
func (f *laterFlags) given() bool {
	return !f.StartAt.time.IsZero() || f.In > 0 || f.MaxAttempts != 0 || f.retries()
}

// retries tells whether any of those is that need --max-attempts.
func (f *laterFlags) retries() bool {
	return f.Backoff > 0 || f.MaxBackoff > 0 || f.BackoffMultiplier != 0 || len(f.RetryCode) > 0
}

// apply adds to a task what they say.
func (f *laterFlags) apply(t *client.Task) error {
	if f.MaxAttempts < 0 || f.MaxAttempts == 0 && f.retries() {
		return exit.Usagef("--max-attempts: say how often the task is to run in all, 1 or more")
	}
	if t.StartAt = f.StartAt.time; f.In > 0 {
		t.StartAt = time.Now().Add(time.Duration(f.In))
	}
	t.Retry = client.RetryPolicy{
		MaxAttempts:    f.MaxAttempts,
		InitialBackoff: time.Duration(f.Backoff),
		MaxBackoff:     time.Duration(f.MaxBackoff),
		Multiplier:     f.BackoffMultiplier,
	}
	for _, c := range f.RetryCode {
		t.Retry.Codes = append(t.Retry.Codes, task.Code(c))
	}
	return nil
}

// moment is a time; the zero moment is none.
type moment struct{ time time.Time }

// UnmarshalText reads a time such as "2006-01-02T15:04:05Z".
func (m *moment) UnmarshalText(text []byte) (err error) {
	m.time, err = literal.Time(string(text))
	return err
}

// code is one of gRPC's.
type code task.Code

// UnmarshalText reads a code such as "UNAVAILABLE".
func (c *code) UnmarshalText(text []byte) error {
	read, err := literal.Code(string(text))
	*c = code(read)
	return err
}

// lineRetry is the policy of a task of run --stdin.
type lineRetry struct {
	MaxAttempts    int      `json:"max_attempts"`
	InitialBackoff lineTime `json:"initial_backoff"`
	MaxBackoff     lineTime `json:"max_backoff"`
	Multiplier     float64  `json:"multiplier"`
	Codes          []code   `json:"codes"`
}

// policy returns it as the client has it.
func (r *lineRetry) policy() client.RetryPolicy {
	p := client.RetryPolicy{
		MaxAttempts:    r.MaxAttempts,
		InitialBackoff: time.Duration(r.InitialBackoff),
		MaxBackoff:     time.Duration(r.MaxBackoff),
		Multiplier:     r.Multiplier,
	}
	for _, c := range r.Codes {
		p.Codes = append(p.Codes, task.Code(c))
	}
	return p
}

// lineTime is a time span in JSON, such as "1m30s".
type lineTime time.Duration

// UnmarshalText reads one.
func (l *lineTime) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil {
		return task.Errorf(task.InvalidArgument, `want a time such as "1m30s", got %q`, text)
	}
	*l = lineTime(d)
	return nil
}
