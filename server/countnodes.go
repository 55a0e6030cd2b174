package server

import (
	"context"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/stats/metrics"
)

// scrapeTime is how long a scrape waits for what the servers say that keep the data.
const scrapeTime = 2 * time.Second

// countNodes returns what counts the other nodes, and what they keep together; nil if
// there are none.
func (s *Server) countNodes() func() metrics.Nodes {
	if s.cluster == nil {
		return nil
	}
	return func() (n metrics.Nodes) {
		for _, p := range s.cluster.Members() {
			if p.Alive {
				n.Alive++
			} else {
				n.Gone++
			}
			n.Calls += s.cluster.InFlight(p.ID)
		}
		n.Gone += len(s.cluster.Departed())
		ctx, cancel := context.WithTimeout(context.Background(), scrapeTime)
		defer cancel()
		status, err := s.data.engine.Status(ctx)
		n.StreamsKnown = err == nil
		for _, told := range status.Streams {
			stream := metrics.Stream{
				Name: told.Name, Messages: told.Messages, Bytes: told.Bytes, Copies: len(told.Copies),
				Led: told.Leader != "" || len(told.Copies) == 0, // a server alone leads
			}
			for _, c := range told.Copies {
				stream.Lag = max(stream.Lag, c.Lag)
				if c.Offline {
					stream.Offline++
				}
			}
			n.Streams = append(n.Streams, stream)
		}
		return n
	}
}
