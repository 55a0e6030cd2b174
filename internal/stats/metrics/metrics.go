// Package metrics shows a server's statistics to Prometheus. It keeps none of its
// own: each scrape reads what the parts count anyway, so that a task costs
// nothing more for being measured.
package metrics

import (
	"errors"
	"log/slog"
	"net/http"
	"runtime"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/taskscheduler/taskscheduler/internal/deadletter"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/stats"
	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/task"
)

// Config says where the numbers come from. All fields but LostLog, Data and Nodes must be set;
// the functions are called at each scrape, by several goroutines at a time.
type Config struct {
	Tasks    *task.Registry
	History  *stats.History
	Counts   func() (pending, running int)
	Admitted func() scheduler.Admitted
	Draining func() bool
	// Results is how many results are kept.
	Results func() int
	// Data is what is in the data directory. Nil: there is none.
	Data func() Data
	// Nodes is what is known of other nodes. Nil: there are none.
	Nodes func() Nodes
	// LogBytes is how much is kept of what tasks say.
	LogBytes func() int64
	Plugins  func() []loader.Plugin
	// Retries is how many attempts failed and were not the last.
	Retries     func() uint64
	DeadLetters func() deadletter.Totals
	// LostLog is how many lines of the log could not be written. Nil: nobody knows.
	LostLog func() uint64
	// WrongTokens is how many wrong tokens operators, or others, have shown.
	WrongTokens func() uint64
	// Version is the program's.
	Version string
	Logger  *slog.Logger
}

// maxScrapes bounds the scrapes at a time; more are answered with 503.
const maxScrapes = 4

// NewHandler returns the handler of /metrics.
func NewHandler(config Config) (http.Handler, error) {
	registry := prometheus.NewPedanticRegistry()
	err := errors.Join(
		registry.Register(&tasks{registry: config.Tasks, history: config.History}),
		registry.Register(&plugins{list: config.Plugins}),
		registry.Register(collectors.NewGoCollector()),
		registry.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})),
		registry.Register(buildInfo(config.Version)),
		registry.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "taskscheduler_admin_wrong_tokens_total",
			Help: "Wrong tokens that were shown at the admin port.",
		}, func() float64 { return float64(config.WrongTokens()) })),
	)
	if config.LostLog != nil {
		err = errors.Join(err, registry.Register(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "taskscheduler_log_lines_lost_total", Help: "Lines of the log that could not be written to its file.",
		}, func() float64 { return float64(config.LostLog()) })))
	}
	for _, metric := range later(&config) {
		err = errors.Join(err, registry.Register(metric))
	}
	if config.Data != nil {
		for _, gauge := range dataGauges(config.Data) {
			err = errors.Join(err, registry.Register(gauge))
		}
	}
	if config.Nodes != nil {
		err = errors.Join(err, registry.Register(&nodes{config.Nodes}))
	}
	for _, gauge := range gauges(&config) {
		err = errors.Join(err, registry.Register(gauge))
	}
	if err != nil {
		return nil, err
	}
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{
		ErrorLog:            errorLog{config.Logger},
		ErrorHandling:       promhttp.ContinueOnError, // a part of the metrics is better than none
		MaxRequestsInFlight: maxScrapes,
		EnableOpenMetrics:   true,
	}), nil
}

// gauges are the metrics that are one number each.
func gauges(config *Config) []prometheus.Collector {
	gauge := func(name, help string, read func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "taskscheduler_" + name, Help: help}, read)
	}
	return []prometheus.Collector{
		gauge("tasks_pending", "Tasks that were admitted and do not run yet.", func() float64 {
			pending, _ := config.Counts()
			return float64(pending)
		}),
		gauge("tasks_running", "Tasks that run.", func() float64 {
			_, running := config.Counts()
			return float64(running)
		}),
		gauge("admitted_tasks", "Tasks that count towards the limit of pending tasks.", func() float64 {
			return float64(config.Admitted().Tasks)
		}),
		gauge("tasks_overdue", "Tasks that have ended, by a timeout or a cancel, and whose function has not returned.", func() float64 {
			return float64(config.Admitted().Overdue)
		}),
		gauge("admitted_bytes", "Memory of arguments that counts towards the limit of pending bytes.", func() float64 {
			return float64(config.Admitted().Bytes)
		}),
		gauge("results", "Results of ended tasks that are kept.", func() float64 {
			return float64(config.Results())
		}),
		gauge("task_log_bytes", "Memory for what tasks said while they ran.", func() float64 {
			return float64(config.LogBytes())
		}),
		gauge("draining", "1 while new tasks are refused.", func() float64 {
			return truth(config.Draining())
		}),
	}
}

func buildInfo(version string) prometheus.Collector {
	info := prometheus.NewGauge(prometheus.GaugeOpts{
		Name:        "taskscheduler_build_info",
		Help:        "Always 1; the labels say which program this is.",
		ConstLabels: prometheus.Labels{"version": version, "goversion": runtime.Version()},
	})
	info.Set(1)
	return info
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// errorLog passes on what goes wrong with a scrape.
type errorLog struct{ logger *slog.Logger }

// Println logs one message.
func (l errorLog) Println(message ...any) { l.logger.Warn("metrics are incomplete", "error", message) }
