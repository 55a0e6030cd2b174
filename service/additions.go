package service

import (
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// unsupported refuses a submission that asks for an addition of the contract
// that this server doesn't have, by name: a client that asks for one would
// otherwise believe that it got it.
func (s *service) unsupported(request *wire.TaskRequest) error {
	switch {
	case request.Refused != nil:
		return request.Refused
	case request.Durable && !s.config.Scheduler.Keeps():
		return task.Errorf(task.InvalidArgument, "durable: this server keeps tasks in memory alone; leave it out, or give the server a data directory")
	case request.Priority != 0:
		return notYet("priority")
	case request.ConcurrencyKey != "":
		return notYet("concurrency_key")
	}
	return nil
}

func notYet(field string) error {
	return task.Errorf(task.InvalidArgument, "%s is not supported yet: leave it out", field)
}
