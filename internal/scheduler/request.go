package scheduler

import (
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// Request is a submission.
type Request struct {
	// ID is the client's name for this execution; empty: a UUIDv7 is made.
	ID     string
	Method string
	// Caller says whose share of the limits the task takes; empty: nobody's.
	Caller string
	// Labels are the client's own words to find it by. They must not be changed.
	Labels map[string]string
	// Args may be nil.
	Args Arguments
	// Brief is set if there are Args so few that to decode them in vain, since the id is known,
	// costs less than to find that out first.
	Brief bool
	// Deps are the ids of tasks that must succeed first.
	Deps []string
	// DependencyTimeout bounds the wait for Deps, up to the Config's most. Zero is
	// its default, and no wait at all for ids that nobody has submitted.
	DependencyTimeout time.Duration
	// ExecutionTimeout bounds the run alone, up to the Config's most. Zero: no
	// bound.
	ExecutionTimeout time.Duration
	// Came is when it was submitted. Zero: now. Submissions that come together need
	// not each look at the clock.
	Came time.Time
	// StartAt is the time before which it doesn't start, up to the Config's most
	// ahead. Zero, and what is over: at once.
	StartAt time.Time
	// Retry says when it is run again. Nil: never. It must not be changed.
	Retry *RetryPolicy
	// RetryOf is the id of the task that this is another try of, for operators; it
	// goes with Retry.
	RetryOf string
	// InjectResults puts the results of Deps before Args.
	InjectResults bool
	// Detached submissions are answered at once and go on when their callers leave.
	Detached bool
	// Durable ones go on when their callers leave, too. Where there is a queue, both
	// outlive the process once they are accepted.
	Durable bool
	// Source is what the queue keeps of a submission. It is asked for that at most
	// once, before the submission returns. Nil: Config.Encode does that.
	Source Source

	// alongside has the ids that are submitted with this one: each may be waited
	// for though it isn't there yet.
	alongside map[string]int
	restored  *kept // not nil: the queue had it
}

// Arguments are a submission's arguments as they came. They are decoded once
// the id is known to be new and the method is known; when the submission returns,
// they are the caller's again, decoded or not.
type Arguments interface {
	// Decode returns at most limit arguments and about how many bytes they hold;
	// they belong to the caller. The error is a [task.Error]. If they are [Request]'s
	// Brief it may be called twice.
	Decode(limit int) (args []task.Value, size int, err error)
	// Drop lets go of what they came in. It is called when they are decoded, or
	// never will be, before anything is waited for.
	Drop()
}

// drop lets go of what a submission doesn't need any more while it waits.
func (r *Request) drop() {
	if r.Args != nil {
		r.Args.Drop()
	}
	r.Args, r.Deps, r.alongside, r.Source = nil, nil, nil, nil
}

// Receipt answers a submission.
type Receipt struct {
	Outcome

	ID string
}

// PossibleID reports whether a task can have an id. Who asks for another one is told so
// by the scheduler: a store need not have room for it.
func PossibleID(id string) bool { return id != "" && len(id) <= MaxIDLength }

// check refuses what no state of the scheduler could make right, and cuts the
// timeouts to what a request may ask for.
func (s *Scheduler) check(request *Request) error {
	switch {
	case len(request.ID) > MaxIDLength:
		return task.Errorf(task.InvalidArgument, "task_id has %d bytes; at most %d", len(request.ID), MaxIDLength)
	case len(request.Deps) > s.config.MaxDependencies:
		return task.Errorf(task.InvalidArgument, "%d dependencies; at most %d",
			len(request.Deps), s.config.MaxDependencies)
	}
	if err := s.checkStart(request.StartAt); err != nil {
		return err
	}
	if request.Retry != nil {
		policy, err := request.Retry.checked()
		if err != nil {
			return err
		}
		request.Retry = policy
	}
	request.DependencyTimeout = min(request.DependencyTimeout, s.config.MaxDependencyTimeout)
	request.ExecutionTimeout = min(request.ExecutionTimeout, s.config.MaxExecutionTimeout)
	for i, id := range request.Deps {
		switch {
		case id == "":
			return task.Errorf(task.InvalidArgument, "dependency %d is empty", i+1)
		case len(id) > MaxIDLength:
			return task.Errorf(task.InvalidArgument, "dependency %d has %d bytes; at most %d", i+1, len(id), MaxIDLength)
		case id == request.ID:
			return task.Errorf(task.InvalidArgument, "task %q depends on itself", id)
		}
	}
	return nil
}
