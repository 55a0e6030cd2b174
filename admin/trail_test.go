package admin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect"

	"github.com/taskscheduler/taskscheduler/client"
	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestChangesAreListed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "audit")
	b := run(t, func(cfg *server.Config) { cfg.AdminAuditFile, cfg.NodeID = file, "n1" })
	const hostile = "<img src=x onerror=alert(1)>"
	for _, id := range []string{"nobody's", hostile} {
		if _, err := b.admin.CancelExecution(t.Context(), &adminpb.CancelExecutionRequest{Id: id}); connect.CodeOf(err) != connect.CodeNotFound {
			t.Fatal(err)
		}
	}
	if _, err := b.admin.SetLogLevel(t.Context(), &adminpb.SetLogLevelRequest{Level: "debug"}); err != nil {
		t.Fatal(err)
	}
	list := func(request *adminpb.ListAuditRequest) []*adminpb.AuditEntry {
		t.Helper()
		got, err := b.admin.ListAudit(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		return got.GetEntries()
	}
	all := list(&adminpb.ListAuditRequest{})
	if len(all) != 3 || all[0].GetAction() != "set log level" || all[0].GetDetails()["previous"] != "info" || all[0].GetResult() != "ok" ||
		all[0].GetRole() != adminpb.Role_ROLE_ADMIN || !strings.HasPrefix(all[0].GetWho(), "127.0.0.1:") || all[0].GetNodeId() != "n1" ||
		all[1].GetTarget() != hostile || !strings.Contains(all[1].GetResult(), "no task of this id") {
		t.Errorf("all: %v", all)
	}
	if failed := list(&adminpb.ListAuditRequest{Failed: true}); len(failed) != 2 {
		t.Errorf("what failed: %v", failed)
	}
	if found := list(&adminpb.ListAuditRequest{Text: "onerror"}); len(found) != 1 {
		t.Errorf("what has a text: %v", found)
	}
	if _, err := b.admin.ListAudit(t.Context(), &adminpb.ListAuditRequest{PageToken: "?"}); connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("a token that is none: %v", err)
	}
	if text, err := os.ReadFile(file); err != nil || strings.Count(string(text), "\n") != 3 || strings.Contains(string(text), "<img") {
		t.Errorf("the file: %s, %v", text, err)
	}
}

func TestChangesAreTold(t *testing.T) {
	b := run(t)
	events := watchEvents(t, b.admin, adminpb.EventKind_EVENT_KIND_AUDITED)
	if _, err := b.admin.SetLogLevel(t.Context(), &adminpb.SetLogLevelRequest{Level: "nonsense"}); err == nil {
		t.Fatal("nonsense was taken")
	}
	told := events.await(t, adminpb.EventKind_EVENT_KIND_AUDITED)
	if !strings.Contains(told.GetMessage(), ": set log level nonsense: ") || !strings.HasPrefix(told.GetMessage(), "127.0.0.1:") {
		t.Errorf("told: %v", told)
	}
}

// TestRefusedChangesAreListed: who tried it, and that it came to nothing.
func TestRefusedChangesAreListed(t *testing.T) {
	roles, tokens := bearers(t)
	b := run(t, func(cfg *server.Config) { cfg.AdminRoleFile = roles })
	viewer := b.as(t, tokens[adminport.Viewer])
	for range 3 {
		if _, err := viewer.Drain(t.Context(), &adminpb.DrainRequest{}); connect.CodeOf(err) != connect.CodePermissionDenied {
			t.Fatal(err)
		}
	}
	if _, err := viewer.ListAudit(t.Context(), &adminpb.ListAuditRequest{}); connect.CodeOf(err) != connect.CodePermissionDenied {
		t.Fatal(err) // which would change nothing
	}
	got, err := b.as(t, tokens[adminport.Operator]).ListAudit(t.Context(), &adminpb.ListAuditRequest{Failed: true})
	if err != nil {
		t.Fatal(err)
	}
	list := got.GetEntries()
	if len(list) != 1 || list[0].GetAction() != "drain" || list[0].GetWho() != "token viewer" || list[0].GetRole() != adminpb.Role_ROLE_VIEWER ||
		!strings.HasPrefix(list[0].GetPeer(), "127.0.0.1:") || !strings.Contains(list[0].GetResult(), "this takes the role operator") {
		t.Errorf("listed: %v", list)
	}
}

func TestDroppedLettersComeBack(t *testing.T) {
	b := run(t)
	_, err := b.tasks.RunTask(t.Context(), client.Task{ID: "wrong", Method: "add", Args: []any{"x"}, Retry: client.RetryPolicy{
		MaxAttempts: 2, InitialBackoff: time.Millisecond, Codes: []task.Code{task.InvalidArgument},
	}})
	if err == nil {
		t.Fatal("nonsense succeeded")
	}
	events := watchEvents(t, b.admin, adminpb.EventKind_EVENT_KIND_DEAD_LETTERS_UNDROPPED)
	drop, err := b.admin.DropDeadLetters(t.Context(), &adminpb.DropDeadLettersRequest{All: true})
	if err != nil || drop.GetDropped() != 1 || drop.GetUndoToken() == "" || drop.GetUndoUntil() == nil {
		t.Fatalf("%v, %v", drop, err)
	}
	request := &adminpb.UndropDeadLettersRequest{UndoToken: drop.GetUndoToken()}
	if undone, err := b.admin.UndropDeadLetters(t.Context(), request); err != nil || undone.GetRestored() != 1 {
		t.Fatalf("%v, %v", undone, err)
	}
	events.await(t, adminpb.EventKind_EVENT_KIND_DEAD_LETTERS_UNDROPPED)
	if letters, err := b.admin.ListDeadLetters(t.Context(), &adminpb.ListDeadLettersRequest{}); err != nil || len(letters.GetDeadLetters()) != 1 {
		t.Errorf("%v, %v", letters, err)
	}
	if _, err := b.admin.UndropDeadLetters(t.Context(), request); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("again: %v", err)
	}
}
