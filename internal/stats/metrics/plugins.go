package metrics

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/taskscheduler/taskscheduler/loader"
)

const pluginLabel, fileLabel = "plugin", "file"

//nolint:gochecknoglobals // a table, never written
var (
	pluginState = prometheus.NewDesc("taskscheduler_plugin_state",
		"1 for the state that a plugin's file is in, 0 for the others.", []string{pluginLabel, fileLabel, "state"}, nil)
	pluginRestarts = prometheus.NewDesc("taskscheduler_plugin_restarts_total",
		"Processes that took over from one that died or was stuck.", []string{pluginLabel, fileLabel}, nil)
	pluginMemory = prometheus.NewDesc("taskscheduler_plugin_memory_bytes",
		"What a plugin's process has resident.", []string{pluginLabel, fileLabel}, nil)
)

var states = []loader.State{
	loader.StateLoading, loader.StateServing, loader.StateRestarting,
	loader.StateQuarantined, loader.StateUnloaded, loader.StateFailed,
}

// plugins collects what there is to say of each file in the library directory.
// Two files may claim one plugin's name, so the file is a label too.
type plugins struct{ list func() []loader.Plugin }

// Describe implements [prometheus.Collector].
func (*plugins) Describe(descs chan<- *prometheus.Desc) {
	descs <- pluginState
	descs <- pluginRestarts
	descs <- pluginMemory
}

// Collect implements [prometheus.Collector].
func (p *plugins) Collect(metrics chan<- prometheus.Metric) {
	for _, plugin := range p.list() {
		for _, state := range states {
			metrics <- prometheus.MustNewConstMetric(pluginState, prometheus.GaugeValue,
				truth(plugin.State == state), plugin.Name, plugin.File, string(state))
		}
		metrics <- prometheus.MustNewConstMetric(pluginRestarts, prometheus.CounterValue,
			float64(plugin.Restarts), plugin.Name, plugin.File)
		if plugin.PID != 0 {
			metrics <- prometheus.MustNewConstMetric(pluginMemory, prometheus.GaugeValue,
				float64(plugin.MemoryBytes), plugin.Name, plugin.File)
		}
	}
}
