package scheduler

import (
	"context"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// placeReserved is place for an id that the caller has reserved.
func (s *Scheduler) placeReserved(ctx context.Context, request *Request) (*execution, error) {
	defer s.table.free(request.ID)
	e, err := s.place(ctx, request)
	if err != nil && s.config.Claims != nil {
		s.outcomes.release(request.ID)
	}
	return e, err
}

// place puts the task that request asks for into the table, or refuses it,
// which leaves no trace. Nothing may be known of its id.
func (s *Scheduler) place(ctx context.Context, request *Request) (e *execution, err error) {
	chosen := request.ID != ""
	if e, err = s.prepare(request); err != nil {
		return nil, err
	}
	if request.Args != nil {
		request.Args.Drop()
	}
	args := e.args
	if err := s.placeExecution(ctx, e, request); err != nil {
		e.account.close()
		return nil, err
	}
	if e.abroad && chosen && !e.isRestored() {
		if err := s.refuseWideCycle(ctx, e); err != nil {
			s.vanish(e, task.ErrorOf(err), byRefusing)
			return nil, err
		}
	}
	if s.config.KeepArguments {
		e.keepArguments(args)
	}
	return e, nil
}

// prepare returns the execution that request asks for, which is to be placed.
func (s *Scheduler) prepare(request *Request) (e *execution, err error) {
	t, err := s.methodOf(request)
	if err != nil {
		return nil, err
	}
	var args []task.Value
	var size int
	if request.Args != nil {
		if args, size, err = request.Args.Decode(s.config.MaxArguments); err != nil {
			return nil, err
		}
	}
	var k *kept
	if s.keeps(request) || request.restored != nil {
		if k, err = s.newKept(request, args); err != nil {
			return nil, err
		}
	}
	if request.ID == "" && s.config.Claims != nil {
		request.ID = newTaggedID(time.Now(), s.config.Node)
	}
	e = newExecution(request, t, args, size)
	if k != nil {
		e.takeUp(k)
	}
	e.account, e.scheduler = s.room.accounts.open(request.Caller), s
	return e, nil
}

// methodOf returns the task that a request names.
func (s *Scheduler) methodOf(request *Request) (*task.Task, error) {
	t := s.config.Tasks.Lookup(request.Method)
	switch {
	case request.Method == "":
		return nil, task.Errorf(task.InvalidArgument, "the request names no method")
	case t == nil && request.restored != nil:
		return stranger(request.Method), nil
	case t == nil:
		return nil, s.config.Tasks.NotFound(request.Method)
	}
	return t, nil
}

func (s *Scheduler) placeExecution(ctx context.Context, e *execution, request *Request) error {
	if len(request.Deps) == 0 {
		placed, err := s.placeAlone(e)
		if placed || err != nil {
			return err
		}
	} else if err := s.link(ctx, e, request); err != nil {
		s.abandon(e)
		return err
	}
	if err := s.placeInGraph(e); err != nil {
		s.abandon(e)
		return err
	}
	return nil
}

// placeAlone places a task that waits for nothing; placed is false without an
// error when others wait for it.
func (s *Scheduler) placeAlone(e *execution) (placed bool, err error) {
	sh := s.table.shard(e.id)
	sh.Lock()
	defer sh.Unlock()
	if _, awaited := sh.executions.Get(e.id); awaited {
		return false, nil
	}
	if err := s.admit(e); err != nil {
		return false, err
	}
	sh.executions.Set(e.id, e)
	return true, nil
}

// placeInGraph places a task that waits for others or that others wait for.
func (s *Scheduler) placeInGraph(e *execution) error {
	var adopted *execution
	defer func() { // when all locks are free
		if adopted != nil {
			s.unfollow(adopted)
		}
	}()
	s.graph.Lock()
	defer s.graph.Unlock()
	sh := s.table.shard(e.id)
	sh.Lock()
	awaited, _ := sh.executions.Get(e.id)
	sh.Unlock()
	if err := s.refuseCycle(e, awaited); err != nil && !e.isRestored() {
		return err
	}
	sh.Lock()
	defer sh.Unlock()
	if err := s.admit(e); err != nil {
		return err
	}
	if awaited, ok := sh.executions.Get(e.id); ok { // it may be another one by now
		e.adopt(awaited)
		adopted = awaited
	}
	sh.executions.Set(e.id, e)
	return nil
}

// admit makes room for e among the tasks that have not ended.
func (s *Scheduler) admit(e *execution) error {
	waits := len(e.dependencies.edges) > 0 || e.startsLater()
	err := s.room.admit(e, waits)
	switch {
	case e.isRestored() && err != nil:
		s.room.force(e, waits)
		err = nil
	case err == nil && s.config.Full != nil && s.config.Full() && !e.isRestored():
		s.giveBack(e, waits)
		err = errNoRoom
	}
	if s.refuses(e) { // read after that, so that Drain sees either e or nothing
		if err == nil {
			s.giveBack(e, waits)
		}
		err = task.Errorf(task.Unavailable, "the server is draining; try another one")
	}
	if err != nil {
		s.signalIfIdle()
		return err
	}
	s.pending.Add(1)
	if waits || e.kept != nil {
		e.mu.Lock()
		e.waits = waits
		s.setAsideLocked(e)
		e.mu.Unlock()
	}
	return nil
}

// refuses reports whether e comes too late: a pause is not for what was accepted
// by a process before this one.
func (s *Scheduler) refuses(e *execution) bool {
	return s.draining.Load() || s.paused.Load() && !e.isRestored()
}

// giveBack undoes what the room's admit did.
func (s *Scheduler) giveBack(e *execution, waits bool) {
	s.room.vacate(e)
	if waits {
		s.room.stopWaiting(e)
	}
}

// stopWaitingLocked gives back what e had among those that wait for others.
func (s *Scheduler) stopWaitingLocked(e *execution) {
	if e.waits {
		e.waits = false
		s.room.stopWaiting(e)
	}
}

// vacate gives back the room that e had.
func (s *Scheduler) vacate(e *execution) {
	s.room.vacate(e)
	e.account.close()
	s.signalIfIdle()
}
