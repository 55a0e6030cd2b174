package admin

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"connectrpc.com/connect"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
)

// cluster is what the service wants of the nodes of a cluster.
type cluster interface {
	// Do carries a request to the node at whose address its URL begins, and Address
	// returns that, "http://…" without a path.
	Do(request *http.Request) (*http.Response, error)
	Address(node string) string
	// Nodes returns all that are known, this one first, and when each has given a sign of
	// life; Alone reports that there won't be others.
	Nodes() (nodes []*pb.Node, seen []time.Time)
	Alone() bool
	// Streams returns where results and tasks are kept, and says in nodes what each one
	// has of that.
	Streams(ctx context.Context, nodes []*pb.Node) ([]*pb.StoredStream, error)
}

// operatorHeader tells a node for whom another one asks: the role, and the name.
const operatorHeader = "Task-Scheduler-Operator"

// hideHeader tells a node that the one which asks hides values from viewers, whatever
// it does itself.
const hideHeader = "Task-Scheduler-Hide-Values"

type (
	fromNodeKey struct{}
	hiddenKey   struct{}
)

// ForNodes returns what answers the calls of other nodes with handler: in the name
// of the operators who have called there, and by what this node has alone.
func ForNodes(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		role, name, _ := strings.Cut(r.Header.Get(operatorHeader), " ")
		number, err := strconv.ParseUint(role, 10, 8)
		if err != nil {
			http.Error(w, "a node must say for whom it asks", http.StatusForbidden)
			return
		}
		caller := adminport.Caller{Peer: r.RemoteAddr, Name: name, Role: adminport.Role(number)}
		ctx := context.WithValue(adminport.WithCaller(r.Context(), caller), fromNodeKey{}, true)
		if r.Header.Get(hideHeader) != "" {
			ctx = context.WithValue(ctx, hiddenKey{}, true)
		}
		handler.ServeHTTP(w, r.WithContext(ctx))
	})
}

// askTime is how long other nodes have to answer; one that doesn't is named.
const askTime = 2 * time.Second

// isFromNode tells whether a call is another node's.
func isFromNode(ctx context.Context) bool { return ctx.Value(fromNodeKey{}) != nil }

// asksOthers tells whether other nodes are asked too.
func (s *service) asksOthers(ctx context.Context) bool {
	return !isFromNode(ctx) && !s.config.Cluster.Alone()
}

// others returns the other nodes: those that live, and those that are gone and that
// nobody has taken over yet. There are none in a call that another node makes.
func (s *service) others(ctx context.Context) (living, gone []string) {
	if !s.asksOthers(ctx) {
		return nil, nil
	}
	nodes, _ := s.config.Cluster.Nodes()
	for _, n := range nodes {
		switch {
		case n.GetSelf():
		case n.GetAlive():
			living = append(living, n.GetId())
		case !n.GetTakenOver() && !n.GetLeft():
			gone = append(gone, n.GetId())
		}
	}
	return living, gone
}

// errGone is why a node that is gone doesn't answer.
var errGone = errors.New("the node is gone")

// node returns a client of another node, and the context for calls of it in the name
// of ctx's caller.
func (s *service) node(ctx context.Context, node string) (adminpbconnect.AdminServiceClient, context.Context) {
	caller := adminport.CallerOf(ctx)
	ctx, info := connect.NewClientContext(ctx)
	info.RequestHeader().Set(operatorHeader, strconv.Itoa(int(caller.Role))+" "+cmp.Or(caller.Name, caller.Peer))
	if s.config.HideValues {
		info.RequestHeader().Set(hideHeader, "1")
	}
	client := adminpbconnect.NewAdminServiceClient(s.config.Cluster, s.config.Cluster.Address(node), connect.WithGRPC())
	return client, ctx
}

// A reply is what a node has answered.
type reply[Response any] struct {
	node     string
	response *Response
	err      error
}

// askOthers asks the other nodes at once, and returns what each has answered in time.
// One that is gone hasn't.
func askOthers[Request, Response any](
	ctx context.Context, s *service, request *Request,
	ask func(adminpbconnect.AdminServiceClient, context.Context, *Request) (*Response, error),
) []reply[Response] {
	return askEachOther(ctx, s, func(client adminpbconnect.AdminServiceClient, ctx context.Context, _ string) (*Response, error) {
		return ask(client, ctx, request)
	})
}

// askEachOther does that with a request for each node.
func askEachOther[Response any](
	ctx context.Context, s *service,
	ask func(client adminpbconnect.AdminServiceClient, ctx context.Context, node string) (*Response, error),
) []reply[Response] {
	nodes, gone := s.others(ctx)
	replies := make([]reply[Response], len(nodes), len(nodes)+len(gone))
	for _, node := range gone {
		replies = append(replies, reply[Response]{node: node, err: errGone})
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	var all sync.WaitGroup
	for i, node := range nodes {
		all.Go(func() {
			client, ctx := s.node(ctx, node)
			response, err := ask(client, ctx, node)
			replies[i] = reply[Response]{node, response, err}
		})
	}
	all.Wait()
	return replies
}
