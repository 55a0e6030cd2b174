package service

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/wire"
)

// maxInFlight is how many of a stream's tasks run or could run before the
// server stops reading from it, by the contract.
const maxInFlight = 1000

// maxUnsent is about how many bytes of answers may wait for a client to take
// them before the server stops reading from its stream.
const maxUnsent = 256 << 10

// link is a stream's two directions. receive and send may be called at the same
// time, but each by one goroutine at a time.
type link interface {
	// receive reads the next request into r, or returns [io.EOF] after the last
	// one. Before it waits it calls idle.
	receive(r *received, idle func()) error
	// send writes answers and flushes them.
	send(answers []wire.TaskResponse) error
}

// received is a request with when it came, and the memory that its arguments may
// lie in: all are its leader's, for one request after the other.
type received struct {
	request wire.TaskRequest
	came    time.Time
	message []byte
}

// A session is a SubmitTasks stream.
//
// One goroutine at a time leads it: it reads a request and submits it, and most
// tasks run right there, with no hand-over to anybody. A task that takes longer
// would hold up those behind it, so the watchdog gives the lead to another
// goroutine when one has been in the same task for a while; the old leader
// leaves when the task is over.
//
// Answers are gathered: the leader sends them before it waits for a request,
// and while it waits each task that ends has them sent.
type session struct {
	service *service
	link    link
	caller  string
	ctx     context.Context //nolint:containedctx // a session is one call, and this is the call's

	// lead counts the leader's steps; odd while it is in a task. Adding
	// one to an odd number ends that: the leader does so and goes on, or the
	// watchdog does and takes the lead away.
	lead    atomic.Uint64
	leaders sync.WaitGroup

	inFlight atomic.Int64 // asks that count, and the claimants
	claimed  atomic.Int64 // bytes that the claimants hold
	unsent   atomic.Int64 // bytes of answers, those that are being sent included
	over     atomic.Bool  // nothing more is read

	mu        sync.Mutex
	changed   sync.Cond // any of what follows, inFlight, claimed, unsent, over
	asks      map[*ask]struct{}
	away      map[string]*ask      // those of asks that other nodes were sent, by the clients' ids
	claimants map[string]*claimant // by the clients' ids; see [session.claim]
	answers   []wire.TaskResponse
	size      int64 // of answers, in bytes
	failed    error // why the client gets no more answers
	idle      bool  // the leader waits: answers are sent at once
	sending   bool  // someone sends
	senders   int   // goroutines that are there to send
}

// serve answers a stream until its client has all answers, or is gone.
func (s *service) serve(ctx context.Context, caller string, l link) error {
	x := &session{service: s, link: l, caller: caller, ctx: ctx, asks: make(map[*ask]struct{})}
	x.changed.L = &x.mu
	s.watchdog.add(x)
	defer s.watchdog.remove(x)
	stop := context.AfterFunc(ctx, func() { x.end(context.Cause(ctx)) })
	defer stop()
	x.leaders.Add(1)
	x.run()
	x.leaders.Wait()
	return x.finish()
}

// run leads until the requests are over or the lead is taken away.
func (x *session) run() {
	defer x.leaders.Done()
	var r received
	idle := false
	wait := func() {
		idle = true
		x.setIdle(true)
	}
	for x.room() {
		idle = false
		err := x.link.receive(&r, wait)
		if idle {
			x.setIdle(false)
		}
		if err != nil {
			x.end(err)
			return
		}
		step := x.lead.Add(1)
		if c := x.claim(&r.request); c != nil {
			x.takeOver(step)
			x.submitClaimant(c, &r)
		} else {
			x.submit(&r.request, r.came, nil)
		}
		r.request.Args.Drop() // if it was refused they are still there
		if !x.lead.CompareAndSwap(step, step+1) {
			return // someone else leads by now
		}
	}
}

// takeOver is called by the watchdog, which has seen that step before.
func (x *session) takeOver(step uint64) {
	x.leaders.Add(1) // while the old leader counts, or none does any more
	if !x.lead.CompareAndSwap(step, step+1) {
		x.leaders.Done()
		return
	}
	go x.run()
}

// room waits until another task may be read; false means that none will be.
func (x *session) room() bool {
	if !x.full() {
		return !x.over.Load()
	}
	x.setIdle(true)
	x.mu.Lock()
	for x.full() && !x.over.Load() {
		x.changed.Wait()
	}
	x.mu.Unlock()
	x.setIdle(false)
	return !x.over.Load()
}

// full tells whether the client has to wait: for its tasks, or for its own
// taking of their answers. Who sends may be someone else than the leader, whom
// nothing else would stop.
func (x *session) full() bool {
	return x.inFlight.Load() >= maxInFlight || x.claimed.Load() >= maxClaimed || x.unsent.Load() >= maxUnsent
}

// setIdle says whether the leader waits. Before it does, it sends what there is.
func (x *session) setIdle(idle bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.idle = idle
	if idle {
		x.sendLocked()
	}
}

// end says that nothing more is read. err is [io.EOF] when the client has no
// more requests; then it gets the answers that are to come. Otherwise it is
// gone, and leaves its tasks.
func (x *session) end(err error) {
	var left []*ask
	x.mu.Lock()
	x.over.Store(true)
	if !errors.Is(err, io.EOF) && x.failed == nil {
		x.failed = err
		for a := range x.asks {
			left = append(left, a)
		}
		clear(x.asks)
	}
	x.changed.Broadcast()
	x.mu.Unlock()
	for _, a := range left {
		a.awaited.Leave()
	}
}

// finish waits until all is answered and sent, or the client is gone, and until
// nobody uses the link any more.
func (x *session) finish() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.idle = false // answers are sent here
	for x.failed == nil && (len(x.asks) > 0 || len(x.answers) > 0) || x.sending || x.senders > 0 {
		if !x.sending && len(x.answers) > 0 && x.failed == nil {
			x.sendLocked()
			continue
		}
		x.changed.Wait()
	}
	x.gone(x.answers)
	x.answers = nil
	return x.failed
}

// gone gives back the room that answers have taken.
func (x *session) gone(answers []wire.TaskResponse) {
	for i := range answers {
		x.service.config.Bodies.AnswerGone(answers[i].Size())
	}
}

// sendLocked sends the answers that there are, and those that come meanwhile,
// unless somebody does already. It lets go of the lock while it does.
func (x *session) sendLocked() {
	for !x.sending && len(x.answers) > 0 && x.failed == nil {
		answers, size := x.answers, x.size
		x.answers, x.size, x.sending = nil, 0, true
		x.mu.Unlock()
		err := x.link.send(answers)
		x.gone(answers)
		freeAnswers(answers)
		x.mu.Lock()
		x.sending = false
		x.unsent.Add(-size)
		if err != nil {
			x.mu.Unlock()
			x.end(err)
			x.mu.Lock()
		}
		x.changed.Broadcast()
	}
}

// answerLists are for the answers of any session.
var answerLists = sync.Pool{New: func() any { return new([]wire.TaskResponse) }}

func freeAnswers(list []wire.TaskResponse) {
	if cap(list) <= maxInFlight {
		clear(list)
		list = list[:0]
		answerLists.Put(&list)
	}
}

// addLocked adds an answer of about that many bytes, and has it sent if the
// leader won't do so soon.
func (x *session) addLocked(answer wire.TaskResponse, size int64) {
	if x.answers == nil {
		x.answers = *answerLists.Get().(*[]wire.TaskResponse) //nolint:forcetypeassert // the pool has nothing else
	}
	x.answers = append(x.answers, answer)
	x.size += size
	x.unsent.Add(size)
	switch {
	case x.over.Load():
		x.changed.Broadcast()
	case x.idle && !x.sending && x.senders == 0:
		x.senders++ // who ends a task must not wait for a client to take the answer
		go func() {
			x.mu.Lock()
			defer x.mu.Unlock()
			x.sendLocked()
			x.senders--
			x.changed.Broadcast()
		}()
	}
}
