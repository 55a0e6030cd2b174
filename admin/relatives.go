package admin

import (
	"slices"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// maxDependents is how many of those that wait for a task are told.
const maxDependents = 1000

// addRelatives adds what an execution waited for, and what waited for it.
func (s *service) addRelatives(response *pb.GetExecutionResponse, x *scheduler.Execution) {
	dependencies := make(map[string]*pb.Relative, len(x.Deps))
	for _, id := range x.Deps {
		relative := &pb.Relative{Id: id}
		dependencies[id] = relative
		response.Dependencies = append(response.Dependencies, relative)
	}
	dependents := make(map[string]*pb.Relative)
	look := func(other *scheduler.Execution) {
		if relative := dependencies[other.ID]; relative != nil {
			relative.Method, relative.State = other.Task.Name, executionStates[other.State]
		}
		if len(other.Deps) == 0 || !slices.Contains(other.Deps, x.ID) {
			return
		}
		if dependents[other.ID] == nil {
			if len(dependents) == maxDependents {
				return
			}
			relative := &pb.Relative{Id: other.ID}
			dependents[other.ID] = relative
			response.Dependents = append(response.Dependents, relative)
		}
		dependents[other.ID].Method, dependents[other.ID].State = other.Task.Name, executionStates[other.State]
	}
	s.config.Scheduler.EachExecution(look)
	s.config.History.EachEnded(look)
}

// attempts are the runs that states tell of, oldest first.
func attempts(states []*pb.StateChange, last uint32) (list []*pb.Attempt) {
	const running = pb.ExecutionState_EXECUTION_STATE_RUNNING
	for _, change := range states {
		if change.GetState() == running {
			list = append(list, &pb.Attempt{StartedAt: change.GetTime(), State: running})
			continue
		}
		if len(list) == 0 || list[len(list)-1].GetState() != running {
			continue
		}
		a := list[len(list)-1]
		a.EndedAt, a.State = change.GetTime(), change.GetState()
		if a.GetState() == pb.ExecutionState_EXECUTION_STATE_PENDING { // it waits to run again
			a.State = pb.ExecutionState_EXECUTION_STATE_FAILED
		}
	}
	for i, a := range list { // of very many the first and the newest are known
		a.Number = uint32(max(int(last)-len(list)+1+i, 1))
	}
	return list
}
