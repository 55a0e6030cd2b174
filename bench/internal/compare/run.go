package compare

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/load"
	"github.com/taskscheduler/taskscheduler/bench/internal/machine"
	"github.com/taskscheduler/taskscheduler/bench/internal/servers"
)

// Settings are how thoroughly things are measured.
type Settings struct {
	// Rounds is how often each case has its turn, Duration how long a turn counts.
	Rounds   int
	Duration time.Duration
	Split    machine.Split
	Progress io.Writer
}

// A Figure is what a case came to in one round.
type Figure struct {
	Rate          float64 // tasks a second
	P50, P99      time.Duration
	P999          time.Duration
	PerTask       time.Duration // of the server's processor time
	Generator     time.Duration // of the generator's, a task
	Memory        int64         // resident, when all was done
	GeneratorBusy float64       // of the cores that it has
}

// A Measured is a case with a figure for each round.
type Measured struct {
	Case

	Figures []Figure
}

// Run gives each case its turn in each round, on a server that is started for it:
// A B C, A B C. So whatever else the machine does, or a server has piled up, is
// no advantage for one of them.
func Run(ctx context.Context, w *servers.Workshop, cases []Case, s Settings) ([]Measured, error) {
	all := make([]Measured, len(cases))
	for i, c := range cases {
		c.Options.Cores = s.Split.Server
		c.Plan.Duration, c.Plan.WarmUp = s.Duration, s.Duration/5
		all[i].Case = c
	}
	for round := range s.Rounds {
		for i := range all {
			c := &all[i]
			fmt.Fprintf(s.Progress, "round %d of %d: %s: %s\n", round+1, s.Rounds, c.Group, c.Name)
			figure, err := turnAgain(ctx, w, c.Case, s)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", c.Group, c.Name, err)
			}
			c.Figures = append(c.Figures, figure)
		}
	}
	return all, nil
}

// turnAgain is turn with another try: a busy machine may have a server start late,
// or no call end in time, and a run takes minutes.
func turnAgain(ctx context.Context, w *servers.Workshop, c Case, s Settings) (f Figure, err error) {
	const tries = 3
	for try := 1; ; try++ {
		if f, err = turn(ctx, w, c, s); err == nil || try == tries || ctx.Err() != nil {
			return f, err
		}
		fmt.Fprintf(s.Progress, "once more, after %v\n", err)
	}
}

func turn(ctx context.Context, w *servers.Workshop, c Case, s Settings) (f Figure, err error) {
	process, err := w.Start(ctx, c.Server, c.Options)
	if err != nil {
		return f, err
	}
	defer process.Stop()
	if err := fill(ctx, process.Addr, c.Kept); err != nil {
		return f, err
	}
	c.Plan.Meter = func() int64 { return process.Time().Nanoseconds() }
	result, err := load.Run(ctx, process.Addr, c.Plan)
	if err != nil {
		return f, err
	}
	tasks := time.Duration(result.Latencies.Count())
	cores := max(len(s.Split.Generator), 1)
	return Figure{
		Rate: result.Rate(), PerTask: time.Duration(result.PerTask()), Generator: result.Generator / tasks,
		P50: result.Latencies.Quantile(.5), P99: result.Latencies.Quantile(.99), P999: result.Latencies.Quantile(.999),
		Memory: process.Memory(), GeneratorBusy: result.Generator.Seconds() / result.Took.Seconds() / float64(cores),
	}, nil
}

// fill has the server do so many tasks, by batches.
func fill(ctx context.Context, addr string, tasks int64) error {
	plan := load.Plan{Kind: load.Batch, Task: load.Add(), Connections: 1, InFlight: batches, Batch: batchTasks, Duration: time.Second}
	for done := int64(0); done < tasks; {
		result, err := load.Run(ctx, addr, plan)
		if err != nil {
			return err
		}
		done += result.Latencies.Count()
	}
	return nil
}

// median returns the middle one of what get takes from the figures.
func median[T float64 | time.Duration | int64](m *Measured, get func(Figure) T) T {
	var all []T
	for _, f := range m.Figures {
		all = append(all, get(f))
	}
	return middle(all)
}

func middle[T float64 | time.Duration | int64](all []T) (zero T) {
	if len(all) == 0 {
		return zero
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// Ratio is the median over the rounds of a's figure to b's in the same round.
func Ratio(a, b *Measured, get func(Figure) float64) float64 {
	var all []float64
	for i := range min(len(a.Figures), len(b.Figures)) {
		all = append(all, get(a.Figures[i])/get(b.Figures[i]))
	}
	return middle(all)
}
