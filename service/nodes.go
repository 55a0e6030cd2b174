package service

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"sync"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
	"github.com/taskscheduler/taskscheduler/service/internal/peer"
)

// nodes are the other nodes of a cluster. They are safe for concurrent use.
type nodes interface {
	// Do carries a request to the node at whose address its URL begins. Its error
	// tells Unreached whether the node may have got it.
	Do(request *http.Request) (*http.Response, error)
	// Address returns where Do finds a node, "http://…" without a path.
	Address(node string) string
	// Unreached reports that an error of Do means that nobody has got the request.
	Unreached(err error) bool
	// Choose returns the least loaded of the nodes that take tasks and have all these
	// methods, but for those that were tried.
	Choose(methods, tried []string) (node string, ok bool)
	// Locate returns the node that has a task that has not ended. The error says that
	// not all that may have it have answered, or that others are about to have it.
	Locate(ctx context.Context, id string) (node string, ok bool, err error)
	// Peers returns those that are known, dead ones included.
	Peers() []*pb.PeerInfo
}

// peers are clients of the other nodes; the zero value has none.
type peers struct{ clients sync.Map } // *peer.Client by node

func (p *peers) of(all nodes, node string) *peer.Client {
	if c, ok := p.clients.Load(node); ok {
		return c.(*peer.Client) //nolint:forcetypeassert // the map has nothing else
	}
	c, _ := p.clients.LoadOrStore(node, peer.New(all, all.Address(node)))
	return c.(*peer.Client) //nolint:forcetypeassert // the map has nothing else
}

// peer returns a client of another node.
func (s *service) peer(node string) *peer.Client { return s.peers.of(s.config.Nodes, node) }

type fromNodeKey struct{}

// callerPrefix is what a RemoteAddr begins with that is a caller's name.
const callerPrefix = "caller "

// ForNodes returns what answers the calls of other nodes with handler: in the name
// of those who have called there, and by what this node has alone.
func ForNodes(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = r.WithContext(context.WithValue(r.Context(), fromNodeKey{}, true))
		r.RemoteAddr = callerPrefix + cmp.Or(r.Header.Get(peer.CallerHeader), r.RemoteAddr)
		handler.ServeHTTP(w, r)
	})
}

// asksOthers tells whether other nodes are asked for what this one doesn't know.
func (s *service) asksOthers(ctx context.Context) bool {
	return s.config.Nodes != nil && ctx.Value(fromNodeKey{}) == nil
}

// peerInfo is what clients are told of the other nodes.
func (s *service) peerInfo() []*pb.PeerInfo {
	if s.config.Nodes == nil {
		return nil
	}
	return s.config.Nodes.Peers()
}

// cutCaller returns the caller's name in a RemoteAddr that a node has set.
func cutCaller(remote string) (caller string, ok bool) {
	return strings.CutPrefix(remote, callerPrefix)
}
