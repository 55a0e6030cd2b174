package metrics

import "github.com/prometheus/client_golang/prometheus"

// later are the metrics of tasks that start at a time, run again, or have run too
// often.
func later(config *Config) []prometheus.Collector {
	gauge := func(name, help string, read func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "taskscheduler_" + name, Help: help}, read)
	}
	counter := func(name, help string, read func() uint64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "taskscheduler_" + name, Help: help},
			func() float64 { return float64(read()) })
	}
	return []prometheus.Collector{
		gauge("tasks_waiting_to_start", "Tasks that wait for their time to start.", func() float64 {
			return float64(config.Admitted().Starts)
		}),
		gauge("tasks_backing_off", "Tasks that failed and wait to run again.", func() float64 {
			return float64(config.Admitted().Backoffs)
		}),
		counter("task_retries_total", "Attempts that failed and were not the last of their task.", config.Retries),
		gauge("dead_letters", "Tasks that are kept since they used up their attempts.", func() float64 {
			return float64(config.DeadLetters().Letters)
		}),
		gauge("dead_letter_bytes", "Memory of dead letters that counts towards its limit.", func() float64 {
			return float64(config.DeadLetters().Bytes)
		}),
		counter("dead_letters_total", "Tasks that used up their attempts.", func() uint64 {
			return config.DeadLetters().Added
		}),
		counter("dead_letters_lost_total", "Dead letters that went for want of room.", func() uint64 {
			return config.DeadLetters().Lost
		}),
	}
}
