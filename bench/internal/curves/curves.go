// Package curves measures how the cost of a thing grows with how many there are.
package curves

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/machine"
	"github.com/taskscheduler/taskscheduler/bench/internal/report"
)

// A Curve is a cost by size.
type Curve struct {
	// Name says what is counted, Unit what the cost is of.
	Name, Unit string
	Sizes      []int
	// once: it takes long, and repeats itself; it has one round.
	once bool
	// measure returns the cost of a unit at each size, in the sizes' order.
	measure func(ctx context.Context, sizes []int) ([]time.Duration, error)
}

// tolerated is how many times the smallest cost is no growth.
const tolerated = 1.3

// All are the curves; those of connections need servers that are built.
func All(connections Curve) []Curve {
	return []Curve{results(), methods(), connections, dependencies(), fanIn(), fanOut(), chain()}
}

// Run measures a curve so many times, at its sizes up to the largest, and returns
// a table of medians.
func (c Curve) Run(ctx context.Context, rounds, largest int, progress io.Writer) (string, error) {
	c.Sizes = slices.DeleteFunc(c.Sizes, func(size int) bool { return size > largest })
	if len(c.Sizes) == 0 {
		return "", nil
	}
	costs := make([][]time.Duration, len(c.Sizes))
	if c.once {
		rounds = 1
	}
	for round := range rounds {
		fmt.Fprintf(progress, "round %d of %d: %s\n", round+1, rounds, c.Name)
		once, err := c.measure(ctx, c.Sizes)
		if err != nil {
			return "", fmt.Errorf("%s: %w", c.Name, err)
		}
		for i, cost := range once {
			costs[i] = append(costs[i], cost)
		}
	}
	t := report.NewTable(c.Name, c.Unit, "of the smallest size's", "")
	least := median(costs[0])
	for i, size := range c.Sizes {
		cost := median(costs[i])
		ratio := float64(cost) / float64(least)
		remark := ""
		if ratio > tolerated {
			remark = "grows"
		}
		t.Add(fmt.Sprint(size), report.Micros(cost), report.Ratio(ratio), remark)
	}
	return t.String(), nil
}

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

// each measures every size by itself.
func each(cost func(ctx context.Context, size int) (time.Duration, error)) func(context.Context, []int) ([]time.Duration, error) {
	return func(ctx context.Context, sizes []int) ([]time.Duration, error) {
		costs := make([]time.Duration, len(sizes))
		for i, size := range sizes {
			var err error
			if costs[i], err = cost(ctx, size); err != nil {
				return nil, err
			}
		}
		return costs, nil
	}
}

// repeated measures what work takes of the processor, for one of so many units.
// It repeats work until that is long enough to be measured.
func repeated(units int, work func() error) (time.Duration, error) {
	const enough = 50 * time.Millisecond
	if err := work(); err != nil { // what is lazily made is not counted
		return 0, err
	}
	began, clock := clock(), time.Now()
	for times := 1; ; times++ {
		if err := work(); err != nil {
			return 0, err
		}
		if taken := since(began, clock); taken >= enough {
			return taken / time.Duration(times*units), nil
		}
	}
}

// often is the median of some [repeated].
func often(units int, work func() error) (time.Duration, error) {
	all := make([]time.Duration, 7)
	for i := range all {
		var err error
		if all[i], err = repeated(units, work); err != nil {
			return 0, err
		}
	}
	return median(all), nil
}

// clock is the processor time so far, where it is known.
func clock() time.Duration { return machine.OwnTime() }

// since is the processor time since began, or where that isn't known the time
// since then.
func since(began time.Duration, then time.Time) time.Duration {
	return cmp.Or(clock()-began, time.Since(then))
}
