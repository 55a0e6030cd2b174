package metrics

import "github.com/prometheus/client_golang/prometheus"

// Nodes is what a server that is one of several knows of the others.
type Nodes struct {
	// Alive and Gone are how many there are of the others, and Calls how many calls
	// to them are open.
	Alive, Gone, Calls int
	// Streams are where results and tasks are kept; StreamsKnown tells that the servers
	// that keep them have answered.
	Streams      []Stream
	StreamsKnown bool
}

// Stream is where nodes keep what they share.
type Stream struct {
	Name            string
	Messages, Bytes uint64
	// Led: a server leads it. Without one nothing is written.
	Led bool
	// Copies is how many servers have one, Offline how many of them are not reached,
	// and Lag how many messages the last of them is behind.
	Copies, Offline int
	Lag             uint64
}

// nodes are the metrics of a server that is one of several.
type nodes struct{ read func() Nodes }

// A nodesGauge is one of them, a streamGauge one that each stream has.
type (
	nodesGauge struct {
		desc *prometheus.Desc
		of   func(*Nodes) float64
	}
	streamGauge struct {
		desc *prometheus.Desc
		of   func(*Stream) float64
	}
)

func clusterDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("taskscheduler_cluster_"+name, help, labels, nil)
}

var nodesGauges = []nodesGauge{
	{
		clusterDesc("peers_alive", "Other nodes of the cluster that live."),
		func(n *Nodes) float64 { return float64(n.Alive) },
	},
	{
		clusterDesc("peers_gone", "Other nodes of the cluster that are known and don't live."),
		func(n *Nodes) float64 { return float64(n.Gone) },
	},
	{
		clusterDesc("calls_open", "Calls to other nodes that wait for an answer: forwarded tasks, and questions about tasks."),
		func(n *Nodes) float64 { return float64(n.Calls) },
	},
	{
		clusterDesc("streams_known", "1 if the servers that keep results and tasks answer."),
		func(n *Nodes) float64 { return truth(n.StreamsKnown) },
	},
}

var streamGauges = []streamGauge{
	{
		clusterDesc("stream_messages", "Messages in a stream: results, tasks that are kept, entries of nodes.", "stream"),
		func(s *Stream) float64 { return float64(s.Messages) },
	},
	{
		clusterDesc("stream_bytes", "What a copy of a stream takes.", "stream"),
		func(s *Stream) float64 { return float64(s.Bytes) },
	},
	{
		clusterDesc("stream_led", "1 while a server leads a stream; without one nothing is written to it.", "stream"),
		func(s *Stream) float64 { return truth(s.Led) },
	},
	{
		clusterDesc("stream_copies", "Copies of a stream.", "stream"),
		func(s *Stream) float64 { return float64(s.Copies) },
	},
	{
		clusterDesc("stream_copies_offline", "Copies of a stream on servers that its leader doesn't reach.", "stream"),
		func(s *Stream) float64 { return float64(s.Offline) },
	},
	{
		clusterDesc("stream_lag_messages", "Messages that the last of a stream's copies is behind.", "stream"),
		func(s *Stream) float64 { return float64(s.Lag) },
	},
}

// Describe implements [prometheus.Collector].
func (*nodes) Describe(descs chan<- *prometheus.Desc) {
	for _, g := range nodesGauges {
		descs <- g.desc
	}
	for _, g := range streamGauges {
		descs <- g.desc
	}
}

// Collect implements [prometheus.Collector].
func (c *nodes) Collect(metrics chan<- prometheus.Metric) {
	n := c.read()
	for _, g := range nodesGauges {
		metrics <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, g.of(&n))
	}
	for i := range n.Streams {
		for _, g := range streamGauges {
			metrics <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, g.of(&n.Streams[i]), n.Streams[i].Name)
		}
	}
}
