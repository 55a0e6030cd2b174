package scheduler

import (
	"context"

	"github.com/taskscheduler/taskscheduler/task"
)

// placeReserved is place for an id that the caller has reserved.
func (s *Scheduler) placeReserved(ctx context.Context, request *Request) (*execution, error) {
	defer s.table.free(request.ID)
	return s.place(ctx, request)
}

// place puts the task that request asks for into the table, or refuses it,
// which leaves no trace. Nothing may be known of its id.
func (s *Scheduler) place(ctx context.Context, request *Request) (e *execution, err error) {
	t := s.config.Tasks.Lookup(request.Method)
	switch {
	case request.Method == "":
		return nil, task.Errorf(task.InvalidArgument, "the request names no method")
	case t == nil:
		return nil, s.config.Tasks.NotFound(request.Method)
	}
	var args []task.Value
	var size int
	if request.Args != nil {
		if args, size, err = request.Args.Decode(s.config.MaxArguments); err != nil {
			return nil, err
		}
	}
	e = newExecution(request, t, args, size)
	if len(request.Deps) == 0 {
		placed, err := s.placeAlone(e)
		if placed || err != nil {
			return e, err
		}
	} else if err := s.link(ctx, e, request); err != nil {
		s.abandon(e)
		return nil, err
	}
	if err := s.placeInGraph(e); err != nil {
		s.abandon(e)
		return nil, err
	}
	return e, nil
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
	s.graph.Lock()
	defer s.graph.Unlock()
	sh := s.table.shard(e.id)
	sh.Lock()
	awaited, _ := sh.executions.Get(e.id)
	sh.Unlock()
	if err := s.refuseCycle(e, awaited); err != nil {
		return err
	}
	sh.Lock()
	defer sh.Unlock()
	if err := s.admit(e); err != nil {
		return err
	}
	if awaited, ok := sh.executions.Get(e.id); ok { // it may be another one by now
		e.adopt(awaited)
	}
	sh.executions.Set(e.id, e)
	return nil
}

// admit makes room for e among the tasks that have not ended.
func (s *Scheduler) admit(e *execution) error {
	tasks, bytes := s.admitted.Add(1), s.admittedBytes.Add(e.size)
	switch {
	case s.Draining(): // read after the Add, so that Drain sees either e or nothing
		s.vacate(e)
		return task.Errorf(task.Unavailable, "the server is draining; try another one")
	case tasks > int64(s.config.MaxPending):
		s.vacate(e)
		return task.Errorf(task.ResourceExhausted, "%d tasks have not ended, the most that the server takes; try again later", tasks-1)
	case bytes > s.config.MaxPendingBytes:
		s.vacate(e)
		return errTooManyBytes()
	}
	s.pending.Add(1)
	return nil
}

func errTooManyBytes() *task.Error {
	return task.Errorf(task.ResourceExhausted,
		"the arguments of tasks that have not ended hold all bytes that they may; try again later")
}

// vacate gives back the room that e had.
func (s *Scheduler) vacate(e *execution) {
	s.admittedBytes.Add(-e.size)
	if s.admitted.Add(-1) == 0 && s.draining.Load() {
		s.signalIdle()
	}
}
