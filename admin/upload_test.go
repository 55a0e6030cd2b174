package admin_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"connectrpc.com/connect"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/server"
)

func takePlugins(cfg *server.Config) { cfg.PluginUpload = true }

// anotherVersion is a library with other bytes that does the same.
func (l library) anotherVersion() []byte { return append(bytes.Clone(l.content), "another"...) }

func TestAPluginIsBroughtInAndBack(t *testing.T) {
	b := run(t, takePlugins)
	installed := installPlugin(t, t.TempDir())
	upload := func(content []byte, dry bool) *adminpb.UploadPluginResponse {
		t.Helper()
		got, err := b.admin.UploadPlugin(t.Context(), &adminpb.UploadPluginRequest{File: installed.file, Content: content, DryRun: dry})
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	path := filepath.Join(b.config.LibraryDir, installed.file)
	if dry := upload(installed.content, true); len(dry.GetTasks()) != 3 || dry.GetTasks()[0].GetSignature() == "" || dry.GetPlugin().GetName() != "math" {
		t.Errorf("a dry run: %v", dry)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("a dry run has put the file there")
	}
	first := upload(installed.content, false)
	if first.GetPlugin().GetState() != adminpb.PluginState_PLUGIN_STATE_SERVING || first.GetPreviousSha256() != "" || len(first.GetPlugin().GetProcesses()) != 1 {
		t.Fatalf("the first: %v", first)
	}
	if product, err := b.tasks.Run(t.Context(), "math::multiply", 6, 7); err != nil || product != "42" {
		t.Fatalf("its task: %v, %v", product, err)
	}
	second := upload(installed.anotherVersion(), false)
	if second.GetPreviousSha256() != first.GetSha256() || second.GetPlugin().GetSha256() != second.GetSha256() || second.GetSha256() == first.GetSha256() {
		t.Fatalf("the second: %v", second)
	}
	back, err := b.admin.RevertPlugin(t.Context(), &adminpb.RevertPluginRequest{Name: "math"})
	if err != nil || back.GetPlugin().GetSha256() != first.GetSha256() || back.GetPreviousSha256() != second.GetSha256() {
		t.Fatalf("back: %v, %v", back, err)
	}
	got, err := b.admin.GetPlugin(t.Context(), &adminpb.GetPluginRequest{Name: "math"})
	if err != nil || len(got.GetVersions()) != 3 || !got.GetVersions()[0].GetServing() || !got.GetVersions()[1].GetKept() || !got.GetPlugin().GetRevertible() ||
		got.GetVersions()[0].GetBytes() != uint64(len(installed.content)) {
		t.Errorf("its versions: %v, %v", got, err)
	}
	if lines := b.audit.String(); strings.Count(lines, `action="upload plugin" target=`+installed.file+` result=ok`) != 2 || !strings.Contains(lines, `action="revert plugin"`) {
		t.Errorf("the audit log: %s", lines)
	}
}

// TestABadPluginChangesNothing: what can't be loaded never lies in the library
// directory, and what is there serves on.
func TestABadPluginChangesNothing(t *testing.T) {
	b := run(t, takePlugins)
	installed := installPlugin(t, t.TempDir())
	if _, err := b.admin.UploadPlugin(t.Context(), &adminpb.UploadPluginRequest{File: installed.file, Content: installed.content}); err != nil {
		t.Fatal(err)
	}
	ending := filepath.Ext(installed.file)
	for _, test := range []struct {
		file    string
		content []byte
		want    connect.Code
	}{
		{installed.file, []byte("no library"), connect.CodeFailedPrecondition},
		{installed.file, nil, connect.CodeFailedPrecondition},
		{"math" + ending, installed.content, connect.CodeFailedPrecondition}, // it is libmath already
		{"../libmath" + ending, installed.content, connect.CodeInvalidArgument},
		{"/tmp/libmath" + ending, installed.content, connect.CodeInvalidArgument},
		{`a\..\libmath` + ending, installed.content, connect.CodeInvalidArgument},
		{".libmath" + ending, installed.content, connect.CodeInvalidArgument},
		{"lib" + ending, installed.content, connect.CodeInvalidArgument},
		{"libmath.txt", installed.content, connect.CodeInvalidArgument},
		{"", installed.content, connect.CodeInvalidArgument},
		{"lib<script>" + ending, installed.content, connect.CodeInvalidArgument},
		{strings.Repeat("x", 300) + ending, installed.content, connect.CodeInvalidArgument},
	} {
		_, err := b.admin.UploadPlugin(t.Context(), &adminpb.UploadPluginRequest{File: test.file, Content: test.content})
		if connect.CodeOf(err) != test.want {
			t.Errorf("%.60q of %d bytes: %v, want %v", test.file, len(test.content), err, test.want)
		}
	}
	entries, err := os.ReadDir(b.config.LibraryDir)
	if err != nil || len(entries) != 1 || entries[0].Name() != installed.file {
		t.Errorf("the directory has %v, %v", entries, err)
	}
	if product, err := b.tasks.Run(t.Context(), "math::multiply", 6, 7); err != nil || product != "42" {
		t.Errorf("its task: %v, %v", product, err)
	}
	if _, err := b.admin.RevertPlugin(t.Context(), &adminpb.RevertPluginRequest{Name: "math"}); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("back to nothing: %v", err)
	}
	for _, hash := range []string{"../../etc/passwd", strings.Repeat("0", 64), "0"} {
		if _, err := b.admin.RevertPlugin(t.Context(), &adminpb.RevertPluginRequest{Name: "math", Sha256: hash}); connect.CodeOf(err) != connect.CodeNotFound {
			t.Errorf("back to %.20s: %v", hash, err)
		}
	}
}

func TestPluginsAreTakenOnlyWhereThatIsAllowed(t *testing.T) {
	b := run(t)
	if _, err := b.admin.UploadPlugin(t.Context(), &adminpb.UploadPluginRequest{File: "libmath.so", Content: []byte("x")}); connect.CodeOf(err) != connect.CodeFailedPrecondition {
		t.Errorf("a small one: %v", err)
	}
	if _, err := b.admin.UploadPlugin(t.Context(), &adminpb.UploadPluginRequest{File: "libmath.so", Content: make([]byte, 1<<20)}); connect.CodeOf(err) != connect.CodeResourceExhausted {
		t.Errorf("a large one isn't refused unread: %v", err)
	}
	if _, err := b.admin.RevertPlugin(t.Context(), &adminpb.RevertPluginRequest{Name: "math"}); connect.CodeOf(err) != connect.CodeFailedPrecondition {
		t.Errorf("back: %v", err)
	}
	if _, err := b.admin.GetPlugin(t.Context(), &adminpb.GetPluginRequest{Name: "math"}); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("one that isn't there: %v", err)
	}
}

// TestWhatAPluginSaysIsKept: its log is there where the plugin is looked at.
func TestWhatAPluginSaysIsKept(t *testing.T) {
	dir := t.TempDir()
	installPlugin(t, dir)
	b := run(t, func(cfg *server.Config) { cfg.LibraryDir = dir })
	if _, err := b.tasks.Run(t.Context(), "math::delayed_echo", "x", 1); err != nil {
		t.Fatal(err)
	}
	got, err := b.admin.GetPlugin(t.Context(), &adminpb.GetPluginRequest{Name: "math"})
	if err != nil || len(got.GetLines()) != 1 || got.GetLines()[0].GetText() != "waiting" || got.GetLines()[0].GetLevel() != -4 || got.GetLines()[0].GetTime() == nil {
		t.Errorf("%v, %v", got, err)
	}
}
