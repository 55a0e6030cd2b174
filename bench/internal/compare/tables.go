package compare

import (
	"fmt"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/report"
	"github.com/taskscheduler/taskscheduler/bench/internal/servers"
)

// Text is everything in Markdown.
func (o *Outcome) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Measured on %s. Every server has its defaults: ", o.Machine)
	for i, kind := range []servers.Kind{servers.Service, servers.GRPCGo, servers.ConnectGo} {
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s (%s)", kind, servers.Collector[kind])
	}
	b.WriteString(".\n\n")
	b.WriteString(o.ways())
	fmt.Fprintf(&b, "\n### Latency at %s calls a second\n\nHalf of what grpc-go answers at most, open loop: a call's latency "+
		"counts from when it was due, whatever the server was at.\n\n%s\n", report.Rate(o.Rate), o.latency())
	b.WriteString(o.others())
	b.WriteString(o.goals())
	b.WriteString(o.losses())
	return b.String()
}

func (o *Outcome) ways() string {
	var b strings.Builder
	for _, group := range groups {
		t := report.NewTable("", "tasks/s", "ratio", "p50", "p99", "p99.9", "server's CPU a task", "memory after")
		var first *Measured
		for i := range o.Ways {
			m := &o.Ways[i]
			if m.Group != group {
				continue
			}
			if first == nil {
				first = m
			}
			t.Add(append([]string{m.Name}, cells(m, first)...)...)
		}
		if first != nil {
			fmt.Fprintf(&b, "### %s\n\n%s\n", group, t)
		}
	}
	return b.String()
}

func rate(f Figure) float64 { return f.Rate }

func cells(m, first *Measured) []string {
	return []string{
		report.Rate(median(m, rate)), report.Ratio(Ratio(m, first, rate)),
		report.Micros(median(m, func(f Figure) time.Duration { return f.P50 })),
		report.Micros(median(m, func(f Figure) time.Duration { return f.P99 })),
		report.Micros(median(m, func(f Figure) time.Duration { return f.P999 })),
		report.Micros(median(m, func(f Figure) time.Duration { return f.PerTask })),
		report.Megabytes(median(m, func(f Figure) int64 { return f.Memory })),
	}
}

func (o *Outcome) latency() string {
	t := report.NewTable("", "p50", "p99", "p99.9", "answered")
	for i := range o.Latency {
		m := &o.Latency[i]
		c := cells(m, m)
		t.Add(m.Name, c[2], c[3], c[4], report.Rate(median(m, rate))+"/s")
	}
	return t.String()
}

// others are memory and cores.
func (o *Outcome) others() string {
	var b strings.Builder
	t := report.NewTable("", "resident, idle")
	for _, kind := range []servers.Kind{servers.Service, servers.GRPCGo, servers.ConnectGo} {
		t.Add(string(kind), report.Megabytes(o.Idle[kind]))
	}
	fmt.Fprintf(&b, "### Memory before the first call\n\n%s\n", t)
	if len(o.Cores) == 0 {
		return b.String()
	}
	t = report.NewTable("server's CPU a unary task", "GOMAXPROCS 1", "GOMAXPROCS 2", "ratio")
	for i := 0; i+1 < len(o.Cores); i += 2 {
		one, two := &o.Cores[i], &o.Cores[i+1]
		t.Add(one.Name, report.Micros(median(one, func(f Figure) time.Duration { return f.PerTask })),
			report.Micros(median(two, func(f Figure) time.Duration { return f.PerTask })), report.Ratio(Ratio(two, one, perTask)))
	}
	fmt.Fprintf(&b, "### One core and two\n\nThe generator may use the same cores, so only processor time says something.\n\n%s\n", t)
	return b.String()
}

func perTask(f Figure) float64 { return f.PerTask.Seconds() }
