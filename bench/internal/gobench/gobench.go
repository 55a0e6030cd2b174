// Package gobench runs Go benchmarks of this module and makes a table of them.
package gobench

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/report"
)

// A result is what one benchmark reports, by unit, once for each time it ran.
type result struct {
	name   string
	values map[string][]float64
}

// Run runs the benchmarks of a package so many times and returns a table of their
// medians: how many a second, and the processor time of one.
func Run(ctx context.Context, folder, many, one string, rounds int, progress io.Writer) (string, error) {
	command := exec.CommandContext(ctx, "go", "test", "-run", "NONE", "-bench", ".", "-count", strconv.Itoa(rounds), folder)
	fmt.Fprintln(progress, strings.Join(command.Args, " "))
	var printed bytes.Buffer
	command.Stdout, command.Stderr = io.MultiWriter(&printed, progress), progress
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", strings.Join(command.Args, " "), err, &printed)
	}
	results := parse(&printed)
	if len(results) == 0 {
		return "", fmt.Errorf("%s prints no results", strings.Join(command.Args, " "))
	}
	t := report.NewTable("", many, "ratio", "processor time of one")
	for _, r := range results {
		cost := "not measured"
		if micros, ok := r.median(one); ok {
			cost = report.Micros(time.Duration(micros * 1e3))
		}
		rate, _ := r.median(many)
		first, _ := results[0].median(many)
		t.Add(r.name, report.Rate(rate), report.Ratio(rate/first), cost)
	}
	return t.String(), nil
}

// line is a benchmark's: its name, without the package's own, how often, and figures with units.
var line = regexp.MustCompile(`^Benchmark[^/]+/([^\s]+?)(?:-\d+)?\s+\d+\s+(.*)$`)

func parse(printed io.Reader) []*result {
	var all []*result
	for lines := bufio.NewScanner(printed); lines.Scan(); {
		found := line.FindStringSubmatch(lines.Text())
		if found == nil {
			continue
		}
		i := slices.IndexFunc(all, func(r *result) bool { return r.name == found[1] })
		if i < 0 {
			i = len(all)
			all = append(all, &result{name: found[1], values: map[string][]float64{}})
		}
		words := strings.Fields(found[2])
		for ; len(words) >= 2; words = words[2:] {
			if value, err := strconv.ParseFloat(words[0], 64); err == nil {
				all[i].values[words[1]] = append(all[i].values[words[1]], value)
			}
		}
	}
	return all
}

func (r *result) median(unit string) (value float64, ok bool) {
	values := slices.Sorted(slices.Values(r.values[unit]))
	if len(values) == 0 {
		return 0, false
	}
	return values[len(values)/2], true
}
