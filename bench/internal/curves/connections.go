package curves

import (
	"context"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/load"
	"github.com/taskscheduler/taskscheduler/bench/internal/machine"
	"github.com/taskscheduler/taskscheduler/bench/internal/servers"
)

// Connections is what a call costs the server when there are so many connections,
// with as many calls in flight in all, but for those that one can't have.
func Connections(w *servers.Workshop, split machine.Split) Curve {
	const inFlight, onOne, turn = 2000, 1000, time.Second
	return Curve{
		Name: "connections, with 2,000 calls in flight", Unit: "a call",
		Sizes: []int{1, 10, 100, 1_000, 2_000},
		measure: each(func(ctx context.Context, size int) (time.Duration, error) {
			process, err := w.Start(ctx, servers.Service, servers.Options{Cores: split.Server})
			if err != nil {
				return 0, err
			}
			defer process.Stop()
			result, err := load.Run(ctx, process.Addr, load.Plan{
				Task: load.Add(), Connections: size, InFlight: min(inFlight/size, onOne), WarmUp: turn / 2, Duration: turn,
				Meter: func() int64 { return process.Time().Nanoseconds() },
			})
			if err != nil {
				return 0, err
			}
			return time.Duration(result.PerTask()), nil
		}),
	}
}
