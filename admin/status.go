package admin

import (
	"context"
	"runtime"
	"runtime/metrics"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/task"
)

// GetStatus implements the rpc of that name.
func (s *service) GetStatus(context.Context, *pb.GetStatusRequest) (*pb.GetStatusResponse, error) {
	config := &s.config
	pending, running := config.Scheduler.Counts()
	admitted, letters := config.Scheduler.Admitted(), config.DeadLetters.Totals()
	response := &pb.GetStatusResponse{
		NodeId:        config.NodeID,
		Version:       config.Version,
		GoVersion:     runtime.Version(),
		StartedAt:     timestamppb.New(config.Started),
		Uptime:        durationpb.New(time.Since(config.Started)),
		Draining:      config.Scheduler.Draining(),
		PendingTasks:  rpc.Count(pending),
		RunningTasks:  rpc.Count(running),
		Results:       uint64(config.Results()),
		Tasks:         rpc.Count(len(config.Tasks.Tasks())),
		Plugins:       rpc.Count(len(config.Plugins.Plugins())),
		MemoryBytes:   memory(),
		Goroutines:    rpc.Count(runtime.NumGoroutine()),
		Limits:        config.Limits,
		ArgumentBytes: uint64(max(admitted.Bytes, 0)),
		OverdueTasks:  rpc.Count(admitted.Overdue),

		WaitingToStart:  rpc.Count(admitted.Starts),
		BackingOff:      rpc.Count(admitted.Backoffs),
		DeadLetters:     rpc.Count(letters.Letters),
		DeadLetterBytes: uint64(letters.Bytes),
		TaskLogBytes:    uint64(max(config.Scheduler.LogBytes(), 0)),
	}
	if config.Level != nil {
		response.LogLevel = strings.ToLower(config.Level.Level().String())
	}
	for _, m := range config.History.Methods() {
		response.Succeeded += m.ByCode[task.OK]
		response.Failed += m.Failed
		response.Cancelled += m.Cancelled
	}
	return response, nil
}

// memory returns what the Go runtime has from the system, in bytes, less what
// it gave back.
func memory() uint64 {
	samples := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(samples)
	return samples[0].Value.Uint64() - samples[1].Value.Uint64()
}
