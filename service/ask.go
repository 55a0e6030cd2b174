package service

import (
	"time"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/wire"
)

// submit submits a request, which came then; c, if not nil, stands for it.
func (x *session) submit(request *wire.TaskRequest, came time.Time, c *claimant) {
	a := &ask{session: x, id: request.TaskID, sequence: request.Sequence, typed: request.TypedResult, claimant: c}
	waits := len(request.Deps) > 0 || !request.StartAt.IsZero() && request.StartAt.After(time.Now())
	if err := x.service.unsupported(request); err != nil {
		a.Answered(scheduler.Receipt{}, err)
		return
	}
	first := x.firstAway(request)
	if len(first) > 0 || x.service.config.Nodes != nil && x.service.belongsElsewhere(request) {
		x.forward(a, request, request.Deps, waits, first)
		return
	}
	deps := request.Deps
	submitted := submission(x.caller, request)
	submitted.Came = came
	awaited := x.service.config.Scheduler.SubmitThen(x.ctx, submitted, a)
	if awaited == nil {
		if a.held {
			x.forward(a, request, deps, waits, nil)
		}
		return
	}
	x.mu.Lock()
	gone := x.failed != nil
	if !a.answered && !gone {
		a.awaited = awaited
		x.asks[a] = struct{}{}
		if !waits || awaited.Joined() {
			a.counts = true
			x.inFlight.Add(1)
		}
	}
	x.mu.Unlock()
	if gone {
		awaited.Leave()
	}
}

// ask is a request that is to be answered.
type ask struct {
	session  *session
	id       string // as the client gave it
	sequence uint64
	typed    bool
	held     bool // another node has its id; only its leader looks
	claimant *claimant
	// Guarded by the session's lock.
	answered bool
	awaited  interface{ Leave() } // once it is among the session's asks
	// counts: it is among those in flight. One that waits for others, or for its
	// time, is not: it has its room in the scheduler.
	counts bool
}

// Placed implements [scheduler.Waiter].
func (a *ask) Placed() {
	if a.claimant != nil {
		a.session.placed(a.claimant)
	}
}

// Answered implements [scheduler.Waiter].
func (a *ask) Answered(receipt scheduler.Receipt, err error) {
	s := a.session.service
	if err != nil {
		if a.held = s.isHeld(err); !a.held {
			a.answer(s.refusal(a.id, a.sequence, err))
		}
		return
	}
	answer := s.answer(a.sequence, &receipt)
	if a.typed && addValue(&answer, &receipt.Outcome, s.config.MaxMessageBytes) != nil {
		withhold(&answer)
	}
	a.answer(answer)
}

// answer has the client get an answer.
func (a *ask) answer(answer wire.TaskResponse) {
	x := a.session
	size := x.service.fit(&answer, x.service.config.MaxMessageBytes)
	if x.service.config.Bodies.TakeAnswer(size) != nil {
		withhold(&answer)
		size = answer.Size()
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	a.answered = true
	if _, waits := x.asks[a]; waits {
		delete(x.asks, a)
		if x.away[a.id] == a {
			delete(x.away, a.id)
		}
		if a.counts && x.inFlight.Add(-1) == maxInFlight-1 {
			x.changed.Broadcast()
		}
	}
	if x.failed != nil {
		x.service.config.Bodies.AnswerGone(size)
		return
	}
	x.addLocked(answer, int64(size))
}
