package scheduler

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// A RetryPolicy says how often, after which backoffs and for which failures a
// task is run again. Zero fields but MaxAttempts are the contract's defaults.
type RetryPolicy struct {
	// MaxAttempts is how often it runs in all.
	MaxAttempts uint32
	// InitialBackoff is the wait after the first attempt, MaxBackoff the longest
	// one. Half of each is random.
	InitialBackoff, MaxBackoff time.Duration
	// Multiplier is how many times longer each wait is than the one before.
	Multiplier float64
	// Codes are those to run again for; none: all but INVALID_ARGUMENT,
	// NOT_FOUND and CANCELLED.
	Codes []task.Code
}

// The contract's defaults.
const (
	defaultInitialBackoff = time.Second
	defaultMaxBackoff     = 5 * time.Minute
	defaultMultiplier     = 2
)

// What a policy may ask for.
const (
	maxAttempts     = 1000
	shortestBackoff = time.Millisecond
	longestBackoff  = 24 * time.Hour
	largestFactor   = 1000
	lastCode        = 16 // of gRPC's
)

// checked returns the policy without zeros, or why it is refused.
func (p RetryPolicy) checked() (*RetryPolicy, error) {
	p.Multiplier = cmp.Or(p.Multiplier, defaultMultiplier)
	if p.InitialBackoff == 0 {
		p.InitialBackoff = min(defaultInitialBackoff, cmp.Or(p.MaxBackoff, defaultInitialBackoff))
	}
	p.MaxBackoff = cmp.Or(p.MaxBackoff, max(defaultMaxBackoff, p.InitialBackoff))
	switch {
	case p.MaxAttempts == 0:
		return nil, refusedPolicy("max_attempts: say how often the task is to run in all, 1 to %d", maxAttempts)
	case p.MaxAttempts > maxAttempts:
		return nil, refusedPolicy("max_attempts %d: at most %d", p.MaxAttempts, maxAttempts)
	case p.InitialBackoff < shortestBackoff || p.InitialBackoff > longestBackoff:
		return nil, refusedPolicy("initial_backoff %s: from %s to %s", p.InitialBackoff, shortestBackoff, longestBackoff)
	case p.MaxBackoff < p.InitialBackoff || p.MaxBackoff > longestBackoff:
		return nil, refusedPolicy("max_backoff %s: from initial_backoff (%s) to %s",
			p.MaxBackoff, p.InitialBackoff, longestBackoff)
	case !(p.Multiplier >= 1 && p.Multiplier <= largestFactor): // nor is it no number
		return nil, refusedPolicy("multiplier %v: from 1 to %d", p.Multiplier, largestFactor)
	}
	for _, code := range p.Codes {
		if code == task.OK || code > lastCode {
			return nil, refusedPolicy("codes: %d is not one that a task can fail with; they are gRPC's, 1 to %d", uint32(code), lastCode)
		}
	}
	return &p, nil
}

func refusedPolicy(format string, args ...any) error {
	return task.Errorf(task.InvalidArgument, "retry."+format, args...)
}

// again reports whether a failure is one to run again for, after so many
// attempts.
func (p *RetryPolicy) again(o Outcome, attempts uint32) bool {
	switch {
	case o.State != Failed, attempts >= p.MaxAttempts:
		return false
	case len(p.Codes) > 0:
		return slices.Contains(p.Codes, o.Err.Code)
	}
	return o.Err.Code != task.InvalidArgument && o.Err.Code != task.NotFound && o.Err.Code != task.Cancelled
}

// backoff returns how long to wait after so many attempts: from half of the
// backoff to all of it.
func (p *RetryPolicy) backoff(attempts uint32) time.Duration {
	backoff := float64(p.InitialBackoff) * math.Pow(p.Multiplier, float64(attempts-1))
	full := time.Duration(min(backoff, float64(p.MaxBackoff))) // which may be infinite before
	return full/2 + rand.N(full-full/2+1)                      //nolint:gosec // it spreads load, and hides nothing
}
