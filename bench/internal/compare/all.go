package compare

import (
	"context"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/machine"
	"github.com/taskscheduler/taskscheduler/bench/internal/servers"
)

// An Outcome is all that one run of the comparison has measured.
type Outcome struct {
	Machine string
	Server  int // the cores that the server has; 0: all
	// Ways are the ways to submit, as fast as the server answers.
	Ways []Measured
	// Latency is unary calls at Rate calls a second.
	Latency []Measured
	Rate    float64
	// Cores is unary calls with GOMAXPROCS 1 and 2.
	Cores []Measured
	// Idle is each server's memory before the first call.
	Idle map[servers.Kind]int64
}

// All measures everything.
func All(ctx context.Context, w *servers.Workshop, s Settings) (*Outcome, error) {
	out := &Outcome{Machine: s.Split.Describe(), Server: len(s.Split.Server), Idle: map[servers.Kind]int64{}}
	every := machine.Cores()
	if err := keep(s.Split.Generator); err != nil {
		return nil, err
	}
	cases := Cases(w)
	var err error
	if out.Ways, err = Run(ctx, w, cases, s); err != nil {
		return nil, err
	}
	if other := out.find(unary, string(servers.GRPCGo)); other != nil {
		out.Rate = median(other, func(f Figure) float64 { return f.Rate }) / 2
		if out.Latency, err = Run(ctx, w, atRate(cases, out.Rate), s); err != nil {
			return nil, err
		}
	}
	for _, kind := range []servers.Kind{servers.Service, servers.GRPCGo, servers.ConnectGo} {
		if out.Idle[kind], err = idle(ctx, w, kind, s); err != nil {
			return nil, err
		}
	}
	if len(every) < 2 {
		return out, nil
	}
	if err := keep(every); err != nil {
		return nil, err
	}
	s.Split = machine.Split{}
	out.Cores, err = Run(ctx, w, onCores(cases), s)
	return out, err
}

// keep keeps this process on cores, if there are any to keep to.
func keep(cores []int) error {
	if len(cores) == 0 {
		return nil
	}
	return machine.Pin(cores)
}

// atRate are the unary cases at a rate.
func atRate(cases []Case, rate float64) []Case {
	var some []Case
	for _, c := range cases {
		if c.Group == unary {
			c.Plan.Rate = rate
			some = append(some, c)
		}
	}
	return some
}

// onCores are the unary cases of the fast ones, on one core and on two that the
// generator may use too: what counts is the server's processor time.
func onCores(cases []Case) []Case {
	var some []Case
	for _, c := range cases {
		if c.Group != unary || c.Server == servers.ConnectGo {
			continue
		}
		for processors := 1; processors <= 2; processors++ {
			c.Options.Processors = processors
			some = append(some, c)
		}
	}
	return some
}

// idle returns the resident memory of a server that was started a while ago. It is
// the same each time.
func idle(ctx context.Context, w *servers.Workshop, kind servers.Kind, s Settings) (int64, error) {
	process, err := w.Start(ctx, kind, servers.Options{Cores: s.Split.Server})
	if err != nil {
		return 0, err
	}
	defer process.Stop()
	const aWhile = 5 * time.Second
	time.Sleep(aWhile)
	return process.Memory(), nil
}

func (o *Outcome) find(group, name string) *Measured {
	for i := range o.Ways {
		if o.Ways[i].Group == group && o.Ways[i].Name == name {
			return &o.Ways[i]
		}
	}
	return nil
}
