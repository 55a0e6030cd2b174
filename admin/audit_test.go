package admin_test

import (
	"strings"
	"testing"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/server"
)

func TestAudit(t *testing.T) {
	b := run(t, func(cfg *server.Config) { cfg.LogLevel = nil })
	b.hold(t, "held")
	ctx := t.Context()
	for _, change := range []func() error{
		func() error { _, err := b.admin.LoadPlugin(ctx, &adminpb.LoadPluginRequest{Name: "math"}); return err },
		func() error {
			_, err := b.admin.UnloadPlugin(ctx, &adminpb.UnloadPluginRequest{Name: "../x"})
			return err
		},
		func() error { _, err := b.admin.ReloadPlugin(ctx, &adminpb.ReloadPluginRequest{}); return err },
		func() error {
			_, err := b.admin.CancelExecution(ctx, &adminpb.CancelExecutionRequest{Id: "held"})
			return err
		},
		func() error {
			_, err := b.admin.CancelExecution(ctx, &adminpb.CancelExecutionRequest{Id: "who?"})
			return err
		},
		func() error { _, err := b.admin.Drain(ctx, &adminpb.DrainRequest{}); return err },
		func() error { _, err := b.admin.Resume(ctx, &adminpb.ResumeRequest{}); return err },
		func() error {
			_, err := b.admin.SetLogLevel(ctx, &adminpb.SetLogLevelRequest{Level: "warn"})
			return err
		},
		// Calls that only look leave no line.
		func() error { _, err := b.admin.GetStatus(ctx, &adminpb.GetStatusRequest{}); return err },
		func() error { _, err := b.admin.ListPlugins(ctx, &adminpb.ListPluginsRequest{}); return err },
	} {
		_ = change() // as the line says
	}
	lines := b.audit.Lines("")
	want := []string{
		`action="load plugin" target=math result="no file in `,
		`action="unload plugin" target=../x result="\"../x\" is not a plugin's name`,
		`action="reload plugin" target=(all) result=ok plugins=0`,
		`action="cancel execution" target=held result=ok`,
		`action="cancel execution" target=who? result="no task of this id is known"`,
		`action=drain target="" result=ok`,
		`action=resume target="" result=ok`,
		`action="set log level" target=warn result="this program's log level can't be changed"`,
	}
	if len(lines) != len(want) {
		t.Fatalf("%d lines, want %d: %q", len(lines), len(want), lines)
	}
	for i, line := range lines {
		if !strings.Contains(line, want[i]) || !strings.Contains(line, "msg=audit who=127.0.0.1:") {
			t.Errorf("line %d: %s\nwant %s", i, line, want[i])
		}
	}
}
