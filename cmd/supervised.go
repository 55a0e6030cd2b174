package cmd

import (
	"context"
	"fmt"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/systemd"
	"github.com/taskscheduler/taskscheduler/server"
)

// leaveTime is how long a server may take to end when its tasks have.
const leaveTime = 15 * time.Second

// tellManager tells the service manager, if there is one, how the server is, until
// the function that it returns is called.
func tellManager(ctx context.Context, n *systemd.Notifier, srv *server.Server, drainTimeout time.Duration) (stop func()) {
	watched, cancel := context.WithCancel(context.WithoutCancel(ctx))
	told := make(chan struct{})
	go func() {
		defer close(told)
		n.Watch(watched, func(check context.Context) (string, error) { return statusOf(check, ctx, srv) })
	}()
	go func() {
		select {
		case <-srv.Ready():
			n.Ready()
		case <-watched.Done():
			return
		}
	}()
	stopping := context.AfterFunc(ctx, func() { n.Stopping(drainTimeout + leaveTime) })
	return func() {
		stopping()
		cancel()
		<-told
	}
}

// statusOf returns a line for who looks at the service, or an error when calls
// would not be answered.
func statusOf(ctx, serving context.Context, srv *server.Server) (string, error) {
	pending, running, err := srv.Check(ctx)
	if err != nil {
		return "", err
	}
	doing := "loading plugins"
	select {
	case <-srv.Ready():
		doing = "serving at " + srv.Addr().String()
	default:
	}
	if serving.Err() != nil {
		doing = "draining"
	}
	return fmt.Sprintf("%s: %d tasks run, %d wait", doing, running, pending), nil
}
