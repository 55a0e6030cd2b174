package metrics

import "github.com/prometheus/client_golang/prometheus"

// Data is what a server with a data directory has there.
type Data struct {
	// Tasks is how many are kept that have not ended, Records how many the queue's
	// files have, those of ended ones that are not dropped yet included, and Waiting
	// how many are just being written.
	Tasks, Records, Waiting int
	// DiskFree is how many bytes are free on its disk; Full tells that no task is
	// accepted for want of room.
	DiskFree int64
	Full     bool
}

// dataGauges are those of a server with a data directory.
func dataGauges(data func() Data) []prometheus.Collector {
	gauge := func(name, help string, value func(Data) float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "taskscheduler_data_" + name, Help: help},
			func() float64 { return value(data()) })
	}
	return []prometheus.Collector{
		gauge("tasks", "Tasks that have not ended and are kept in the data directory.",
			func(d Data) float64 { return float64(d.Tasks) }),
		gauge("queue_records", "Tasks in the queue's files, those that have ended and are not dropped yet included.",
			func(d Data) float64 { return float64(d.Records) }),
		gauge("queue_waiting", "Tasks that are just being written, before they count as accepted.",
			func(d Data) float64 { return float64(d.Waiting) }),
		gauge("disk_free_bytes", "Free bytes on the disk of the data directory.",
			func(d Data) float64 { return float64(d.DiskFree) }),
		gauge("disk_full", "1 while no task is accepted since the disk is nearly full.",
			func(d Data) float64 {
				if d.Full {
					return 1
				}
				return 0
			}),
	}
}
