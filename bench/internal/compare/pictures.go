package compare

import (
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/report"
	"github.com/taskscheduler/taskscheduler/bench/internal/servers"
)

// RatePicture is the file with the picture of how many tasks a second there are.
const RatePicture = "performance-rate.svg"

// Pictures are the drawings, by the name of their file.
func (o *Outcome) Pictures() map[string]string {
	pictures := map[string]*report.Bars{
		RatePicture: {Title: "Tasks a second, the server on one core", Groups: o.bars(func(m *Measured) (float64, string) {
			r := median(m, rate)
			return r, report.Rate(r) + "/s"
		})},
		"performance-processor.svg": {Title: "Processor time of the server, a task", Groups: o.bars(func(m *Measured) (float64, string) {
			d := median(m, func(f Figure) time.Duration { return f.PerTask })
			return d.Seconds(), report.Micros(d)
		})},
		"performance-latency.svg": {Title: "Latency of unary calls at " + report.Rate(o.Rate) + "/s", Groups: o.latencyBars()},
	}
	if o.Server != 1 {
		pictures[RatePicture].Title = "Tasks a second"
	}
	drawn := map[string]string{}
	for name, picture := range pictures {
		if !picture.Empty() {
			drawn[name] = picture.SVG()
		}
	}
	return drawn
}

func (o *Outcome) bars(length func(*Measured) (float64, string)) []report.Group {
	var all []report.Group
	for _, heading := range groups {
		g := report.Group{Heading: heading}
		for i := range o.Ways {
			if m := &o.Ways[i]; m.Group == heading {
				l, says := length(m)
				g.Bars = append(g.Bars, report.Bar{Name: m.Name, Says: says, Length: l, Ours: m.Server == servers.Service})
			}
		}
		all = append(all, g)
	}
	return all
}

// latencyBars leaves out servers that can't keep up with the rate: their latency
// is how long the run was.
func (o *Outcome) latencyBars() []report.Group {
	var all []report.Group
	for _, q := range []struct {
		name string
		get  func(Figure) time.Duration
	}{
		{"p50", func(f Figure) time.Duration { return f.P50 }},
		{"p99", func(f Figure) time.Duration { return f.P99 }},
		{"p99.9", func(f Figure) time.Duration { return f.P999 }},
	} {
		g := report.Group{Heading: q.name}
		for i := range o.Latency {
			m := &o.Latency[i]
			if median(m, rate) < o.Rate*keptUp {
				continue
			}
			d := median(m, q.get)
			g.Bars = append(g.Bars, report.Bar{Name: m.Name, Says: report.Micros(d), Length: d.Seconds(), Ours: m.Server == servers.Service})
		}
		all = append(all, g)
	}
	return all
}

// keptUp is the share of the calls due that a server answers which keeps up.
const keptUp = 0.95
