package admin_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/client"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/server"
)

// as returns a client that shows a token.
func (r *running) as(t *testing.T, token string) adminpbconnect.AdminServiceClient {
	t.Helper()
	return r.client(t, 2, connect.WithInterceptors(connect.UnaryInterceptorFunc(func(next connect.UnaryFunc) connect.UnaryFunc {
		return func(ctx context.Context, request connect.AnyRequest) (connect.AnyResponse, error) {
			request.Header().Set("Authorization", "Bearer "+token)
			return next(ctx, request)
		}
	})))
}

// TestViewersSeeNoValues: what a task was called with, returns and says is nowhere in
// what a viewer is told, and an operator sees it.
func TestViewersSeeNoValues(t *testing.T) {
	const secret = "<b>secret</b>"
	file, tokens := bearers(t)
	b := run(t, keepArguments, func(cfg *server.Config) { cfg.AdminRoleFile, cfg.AdminHideValues = file, true })
	// The failure's message quotes the argument.
	if _, err := b.tasks.RunTask(t.Context(), client.Task{ID: "wrong", Method: "hold", Args: []any{secret}}); err == nil {
		t.Fatal("nonsense succeeded")
	}
	if err := b.add(t, "sum", 1, 2); err != nil {
		t.Fatal(err)
	}
	for role, hidden := range map[adminport.Role]bool{adminport.Viewer: true, adminport.Operator: false} {
		admin := b.as(t, tokens[role])
		who, err := admin.WhoAmI(t.Context(), &adminpb.WhoAmIRequest{})
		if err != nil || who.GetValuesHidden() != hidden || who.GetName() != "token "+role.String() {
			t.Fatalf("%s: %v, %v", role, who, err)
		}
		wrong, err := admin.GetExecution(t.Context(), &adminpb.GetExecutionRequest{Id: "wrong", Arguments: true, Result: true})
		if err != nil || wrong.GetValuesHidden() != hidden || strings.Contains(wrong.String(), "secret") == hidden || (wrong.GetExecution().GetMessage() == "") != hidden {
			t.Errorf("%s sees what failed: %v, %v", role, wrong, err)
		}
		sum, err := admin.GetExecution(t.Context(), &adminpb.GetExecutionRequest{Id: "sum", Arguments: true, Result: true})
		if err != nil || (sum.GetResult() == nil) != hidden || (sum.GetArguments() == "") != hidden {
			t.Errorf("%s sees what succeeded: %v, %v", role, sum, err)
		}
		list, err := admin.ListExecutions(t.Context(), &adminpb.ListExecutionsRequest{Method: "hold"})
		if err != nil || len(list.GetExecutions()) != 1 || (list.GetExecutions()[0].GetMessage() == "") != hidden {
			t.Errorf("%s sees a list: %v, %v", role, list, err)
		}
		watching, info := connect.NewClientContext(t.Context())
		info.RequestHeader().Set("Authorization", "Bearer "+tokens[role])
		audited, err := admin.WatchEvents(watching, &adminpb.WatchEventsRequest{Kinds: []adminpb.EventKind{adminpb.EventKind_EVENT_KIND_AUDITED}})
		if err != nil {
			t.Fatal(err)
		}
		_, err = admin.Drain(t.Context(), &adminpb.DrainRequest{})
		if (connect.CodeOf(err) == connect.CodePermissionDenied) != hidden {
			t.Errorf("%s drains: %v", role, err)
		}
		if told := audited.Receive(); told == hidden || connect.CodeOf(audited.Err()) == connect.CodePermissionDenied != hidden {
			t.Errorf("%s hears of the audit: %t, %v", role, told, audited.Err())
		}
		_ = audited.Close()
		if _, err := admin.SetLogLevel(t.Context(), &adminpb.SetLogLevelRequest{Level: "debug"}); connect.CodeOf(err) != connect.CodePermissionDenied {
			t.Errorf("%s sets the log level: %v", role, err)
		}
	}
	if _, err := b.admin.WhoAmI(t.Context(), &adminpb.WhoAmIRequest{}); connect.CodeOf(err) != connect.CodeUnauthenticated {
		t.Errorf("who shows nothing: %v", err)
	}
}

// TestWhoMayWatchNoMoreIsToldSo, and not that the server stops.
func TestWhoMayWatchNoMoreIsToldSo(t *testing.T) {
	file := filepath.Join(t.TempDir(), "roles")
	lines := make([]string, 2)
	var token string
	for i := range lines {
		var err error
		if token, lines[i], err = adminport.NewToken("eve", adminport.Viewer); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(file, []byte(lines[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	b := run(t, func(cfg *server.Config) { cfg.AdminRoleFile = file })
	ctx, info := connect.NewClientContext(t.Context())
	info.RequestHeader().Set("Authorization", "Bearer "+token)
	events, err := b.client(t, 2).WatchEvents(ctx, &adminpb.WatchEventsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Close()
	if err := os.WriteFile(file, []byte(lines[0]), 0o600); err != nil {
		t.Fatal(err)
	}
	for events.Receive() {
	}
	if err := events.Err(); connect.CodeOf(err) != connect.CodeUnavailable || !strings.Contains(err.Error(), adminport.ErrWithdrawn.Error()) {
		t.Errorf("her stream ends with: %v", err)
	}
	again, err := b.client(t, 2).WatchEvents(ctx, &adminpb.WatchEventsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if again.Receive() || connect.CodeOf(again.Err()) != connect.CodeUnauthenticated {
		t.Errorf("another one: %v", again.Err())
	}
}
