package metrics

import "github.com/prometheus/client_golang/prometheus"

// Nodes is what a server that is one of several knows of the others.
type Nodes struct {
	// Alive and Gone are how many there are of the others, and Calls how many calls
	// to them are open.
	Alive, Gone, Calls int
}

// nodesGauges are those of a server that is one of several.
func nodesGauges(nodes func() Nodes) []prometheus.Collector {
	gauge := func(name, help string, value func(Nodes) int) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "taskscheduler_cluster_" + name, Help: help},
			func() float64 { return float64(value(nodes())) })
	}
	return []prometheus.Collector{
		gauge("peers_alive", "Other nodes of the cluster that live.", func(n Nodes) int { return n.Alive }),
		gauge("peers_gone", "Other nodes of the cluster that are known and don't live.", func(n Nodes) int { return n.Gone }),
		gauge("calls_open", "Calls to other nodes that wait for an answer: forwarded tasks, and questions about tasks.",
			func(n Nodes) int { return n.Calls }),
	}
}
