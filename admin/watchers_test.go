package admin_test

import (
	"cmp"
	"context"
	"io"
	"testing"

	"connectrpc.com/connect"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/server"
)

// TestViewersLeaveOperatorsRoomToWatch, however many streams they open.
func TestViewersLeaveOperatorsRoomToWatch(t *testing.T) {
	file, tokens := bearers(t)
	b := run(t, func(cfg *server.Config) { cfg.AdminRoleFile = file })
	client := b.client(t, 2)
	var streams []io.Closer
	defer func() {
		for _, s := range streams {
			s.Close()
		}
	}()
	bearing := func(role adminport.Role) context.Context {
		ctx, info := connect.NewClientContext(t.Context())
		info.RequestHeader().Set("Authorization", "Bearer "+tokens[role])
		return ctx
	}
	watch := func(role adminport.Role) error {
		stream, err := client.WatchStats(bearing(role), &adminpb.WatchStatsRequest{})
		if err != nil || !stream.Receive() {
			return cmp.Or(err, stream.Err())
		}
		streams = append(streams, stream)
		return nil
	}
	viewers := 0
	for viewers < 1000 && watch(adminport.Viewer) == nil {
		viewers++
	}
	if viewers == 0 || viewers == 1000 {
		t.Fatalf("%d viewers watch", viewers)
	}
	if err := watch(adminport.Viewer); connect.CodeOf(err) != connect.CodeResourceExhausted {
		t.Errorf("one more viewer: %v", err)
	}
	for range viewers / 4 {
		if err := watch(adminport.Operator); err != nil {
			t.Fatalf("an operator beside %d viewers: %v", viewers, err)
		}
	}
}
