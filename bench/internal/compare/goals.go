package compare

import (
	"fmt"
	"math"
	"strings"

	"github.com/taskscheduler/taskscheduler/bench/internal/report"
	"github.com/taskscheduler/taskscheduler/bench/internal/servers"
)

// goals is a table of what was to be reached and what was.
func (o *Outcome) goals() string {
	t := report.NewTable("", "aim", "measured", "by processor time")
	service := string(servers.Service)
	own := o.find(unary, service)
	add := func(what, aim string, measured float64) {
		if !math.IsNaN(measured) {
			t.Add(what, aim, report.Ratio(measured), "")
		}
	}
	rates := func(what, aim string, a, b *Measured) {
		if a != nil && b != nil {
			t.Add(what, aim, report.Ratio(Ratio(a, b, rate)), report.Ratio(Ratio(b, a, perTask)))
		}
	}
	rates("unary, beside grpc-go", "≥ 1.7", own, o.find(unary, string(servers.GRPCGo)))
	rates("unary, beside connect-go on net/http", "≥ 5", own, o.find(unary, string(servers.ConnectGo)))
	rates("unary over TLS, beside grpc-go", "≥ 1.5", o.find(secure, service), o.find(secure, string(servers.GRPCGo)))
	rates("tasks of a stream, beside our unary", "≥ 2.2", o.find(stream, service), own)
	rates("tasks in batches, beside our unary", "≥ 3", o.find(batch, service), own)
	rates("a C plugin's echo, beside a built-in one", "≥ 0.6", o.find(plugin, ofPlugin), o.find(plugin, builtIn))
	if len(o.Latency) > 1 {
		p99 := func(f Figure) float64 { return f.P99.Seconds() }
		add("p99 at a rate, beside grpc-go", "≤ 1.0", Ratio(&o.Latency[0], &o.Latency[1], p99))
	}
	if len(o.Cores) > 1 {
		add("processor time a call on two cores, beside one", "≤ 1.25", Ratio(&o.Cores[1], &o.Cores[0], perTask))
	}
	t.Add("idle memory", "≤ 20 MB", report.Megabytes(o.Idle[servers.Service]), "")
	return fmt.Sprintf("### Beside what was aimed at\n\nRatios within one run, medians of its rounds. Those of processor time are what rates\n"+
		"would be if nothing else ran, nor the generator were in the way.\n\n%s\n", t)
}

// losses are the comparisons that this project loses.
func (o *Outcome) losses() string {
	var lost []string
	for i := range o.Ways {
		other := &o.Ways[i]
		own := o.find(other.Group, string(servers.Service))
		if own == nil || other.Server == servers.Service {
			continue
		}
		if r := Ratio(own, other, rate); r < 1 {
			lost = append(lost, fmt.Sprintf("- %s: %.2f of %s's rate.", other.Group, r, other.Name))
		}
	}
	if len(o.Latency) > 1 {
		for _, q := range []struct {
			name string
			get  func(Figure) float64
		}{
			{"p50", func(f Figure) float64 { return f.P50.Seconds() }},
			{"p99", func(f Figure) float64 { return f.P99.Seconds() }},
			{"p99.9", func(f Figure) float64 { return f.P999.Seconds() }},
		} {
			if r := Ratio(&o.Latency[0], &o.Latency[1], q.get); r > 1 {
				lost = append(lost, fmt.Sprintf("- Latency at a rate, %s: %.2f times grpc-go's.", q.name, r))
			}
		}
	}
	for _, kind := range []servers.Kind{servers.GRPCGo, servers.ConnectGo} {
		if own := o.Idle[servers.Service]; own > o.Idle[kind] {
			lost = append(lost, fmt.Sprintf("- Idle memory: %s, %s has %s.", report.Megabytes(own), kind, report.Megabytes(o.Idle[kind])))
		}
	}
	if len(lost) == 0 {
		return ""
	}
	return "### Where this project loses\n\n" + strings.Join(lost, "\n") + "\n"
}
