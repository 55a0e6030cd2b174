package scheduler

import "context"

// placeNew is place for an id of which it isn't known whether anything is, where
// the store answers at once and little would be lost: it takes one lock, not three.
// It returns nil if it isn't as simple as that, and then nothing has happened.
func (s *Scheduler) placeNew(ctx context.Context, request *Request) *execution {
	if !s.outcomes.instant || !request.Brief || len(request.Deps) > 0 ||
		s.config.Claims != nil || s.keeps(request) || request.restored != nil {
		return nil
	}
	e, err := s.prepare(request)
	if err != nil {
		return nil
	}
	args := e.args
	if !s.placeUnknown(ctx, e) {
		e.account.close()
		return nil
	}
	request.Args.Drop()
	if s.config.KeepArguments {
		e.keepArguments(args)
	}
	return e
}

// placeUnknown places e if nothing is known of its id and there is room.
func (s *Scheduler) placeUnknown(ctx context.Context, e *execution) bool {
	sh := s.table.shard(e.id)
	sh.Lock()
	defer sh.Unlock()
	if _, there := sh.executions.Get(e.id); there {
		return false
	}
	if _, busy := sh.reserved.Get(e.id); busy {
		return false
	}
	if _, ended, err := s.outcomes.get(ctx, e.id); ended || err != nil || s.admit(e) != nil {
		return false
	}
	sh.executions.Set(e.id, e)
	return true
}
