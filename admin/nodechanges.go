package admin

import (
	"context"
	"time"

	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
)

// A commonLimit is the limit of a request that is for all nodes together.
type commonLimit struct {
	all  uint32  // 0: there is none
	left *uint32 // the request's, set anew for each node
	used func() uint32
}

// reached sets what is left, and tells whether that is nothing.
func (l commonLimit) reached() bool {
	if l.all == 0 {
		return false
	}
	*l.left = l.all - min(l.all, l.used())
	return *l.left == 0
}

// changeEach has the other nodes change something, or tell only what it would be, and
// returns those that have not answered. They are asked one after the other, as far as
// the limit goes.
func changeEach[Request, Response any](
	ctx context.Context, s *service, dry bool, request *Request, limit commonLimit,
	ask func(adminpbconnect.AdminServiceClient, context.Context, *Request) (*Response, error), add func(*Response),
) (unanswered []string) {
	living, unanswered := s.others(ctx)
	for _, node := range living {
		if limit.reached() {
			break
		}
		response, err := change(ctx, s, node, dry, request, ask)
		if err != nil {
			unanswered = append(unanswered, node)
			continue
		}
		add(response)
	}
	return unanswered
}

// changeTime is how long another node has for a change to very much; that it is gone is
// noticed earlier.
const changeTime = 5 * time.Minute

// change has another node change something, or tell only what it would be.
func change[Request, Response any](
	ctx context.Context, s *service, node string, dry bool, request *Request,
	ask func(adminpbconnect.AdminServiceClient, context.Context, *Request) (*Response, error),
) (*Response, error) {
	most := changeTime
	if dry {
		most = askTime
	}
	ctx, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	client, ctx := s.node(ctx, node)
	return ask(client, ctx, request)
}
