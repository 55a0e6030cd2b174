package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/taskscheduler/taskscheduler/internal/stats"
	"github.com/taskscheduler/taskscheduler/task"
)

//nolint:gochecknoglobals // a table, never written
var (
	tasksTotal = prometheus.NewDesc("taskscheduler_tasks_total",
		"Tasks that have ended, by method and gRPC code.", []string{"method", "code"}, nil)
	taskDuration = prometheus.NewDesc("taskscheduler_task_duration_seconds",
		"How long tasks ran, by method.", []string{"method"}, nil)
)

// tasks collects the statistics of each method. Methods that are not registered
// (any more) are left out, so that the label's values are bounded by what can
// be called.
type tasks struct {
	registry *task.Registry
	history  *stats.History
}

// Describe implements [prometheus.Collector].
func (*tasks) Describe(descs chan<- *prometheus.Desc) {
	descs <- tasksTotal
	descs <- taskDuration
}

// Collect implements [prometheus.Collector].
func (t *tasks) Collect(metrics chan<- prometheus.Metric) {
	for _, m := range t.history.Methods() {
		if m.Name != stats.Others && t.registry.Lookup(m.Name) == nil {
			continue
		}
		for code, n := range m.ByCode {
			if n > 0 {
				metrics <- prometheus.MustNewConstMetric(tasksTotal, prometheus.CounterValue,
					float64(n), m.Name, task.Code(code).String())
			}
		}
		metrics <- prometheus.MustNewConstHistogram(taskDuration,
			m.Runs.Count, m.Runs.Sum.Seconds(), cumulative(&m.Runs), m.Name)
	}
}

// Of a histogram's bounds Prometheus gets 1, 2 and 5 times each power of ten
// seconds in this range: each is a series for each method.
const (
	lowestBound  = 10 * time.Microsecond
	highestBound = 100 * time.Second
)

// shown are the indices of those bounds.
//
//nolint:gochecknoglobals // a table, never written
var shown = func() (indices []int) {
	for i, bound := range stats.Bounds {
		unit := time.Microsecond
		for unit*10 <= bound {
			unit *= 10
		}
		if first := bound / unit; bound%unit == 0 && (first == 1 || first == 2 || first == 5) &&
			lowestBound <= bound && bound <= highestBound {
			indices = append(indices, i)
		}
	}
	return indices
}()

// cumulative returns how many runs took up to each bound in seconds.
func cumulative(runs *stats.Histogram) map[float64]uint64 {
	counts := make(map[float64]uint64, len(shown))
	var below uint64
	next := 0
	for _, i := range shown {
		for ; next <= i; next++ {
			below += runs.Buckets[next]
		}
		counts[stats.Bounds[i].Seconds()] = below
	}
	return counts
}
