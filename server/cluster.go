package server

import (
	"fmt"
	"net/http"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/internal/cluster"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/members"
	"github.com/taskscheduler/taskscheduler/service"
)

// newCluster returns the cluster that this node is one of; nil: it is alone.
func (s *Server) newCluster() (*cluster.Cluster, error) {
	engine := s.data.engine
	if engine == nil || engine.Members() == nil {
		return nil, nil //nolint:nilnil // a node alone has no others
	}
	c, err := cluster.New(cluster.Config{
		Node:     s.nodeID,
		Conn:     engine.Conn(),
		Subject:  engine.Subject("n."),
		Members:  engine.Members(),
		Store:    s.data.results,
		Claims:   s.data.claims,
		OnStored: engine.OnStored,
		Logger:   s.config.Logger,
	})
	if err != nil {
		return nil, fmt.Errorf("the other nodes can't be reached: %w", err)
	}
	return c, nil
}

// elsewhere is what the scheduler asks the other nodes through; nil: there are none.
func (s *Server) elsewhere() scheduler.Elsewhere {
	if s.cluster == nil {
		return nil
	}
	return s.cluster
}

// others take over what this node can't run, or not any more; nil: there are none.
func (s *Server) others() scheduler.Others {
	if s.cluster == nil {
		return nil
	}
	return s.cluster
}

// sure tells whether others can't have taken this node for dead; nil: there are none.
func (s *Server) sure() func() bool {
	if s.cluster == nil {
		return nil
	}
	return s.data.engine.Members().Sure
}

// serveNodes answers the other nodes.
func (s *Server) serveNodes() error {
	if s.cluster == nil {
		return nil
	}
	mux := http.NewServeMux()
	mux.Handle("/", service.ForNodes(s.answers))
	mux.Handle(s.operators.path, s.operators.forNodes)
	return s.cluster.Serve(cluster.Handlers{HTTP: mux, Sight: s.scheduler.Sight, TakeOver: s.takeFrom, Self: s.self})
}

// announce tells the other nodes at once how this one is.
func (s *Server) announce() {
	if s.cluster != nil {
		s.cluster.Announce()
	}
}

// self is what the other nodes are told of this one.
func (s *Server) self() members.Member {
	tasks := s.config.Tasks.Tasks()
	unready, starting := s.health.why()
	m := members.Member{
		Address: s.Addr().String(), Version: s.config.Version,
		Methods: make([]string, len(tasks)), Draining: unready != "", Starting: starting,
	}
	for i, t := range tasks {
		m.Methods[i] = t.Name
	}
	m.Pending, m.Running = s.scheduler.Counts()
	m.Letters = s.letters.Totals().Letters
	if s.data.queue != nil {
		m.Queued = s.data.queue.Usage().Tasks
	}
	return m
}

// nodes are the other nodes as the service wants them.
type nodes struct{ *cluster.Cluster }

// Peers implements what the service wants.
func (n nodes) Peers() []*pb.PeerInfo {
	all := n.Members()
	peers := make([]*pb.PeerInfo, 0, len(all))
	for _, p := range all {
		peers = append(peers, &pb.PeerInfo{NodeId: p.ID, Address: p.Address, Alive: p.Alive})
	}
	return peers
}
