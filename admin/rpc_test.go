package admin_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

// TestAdminRPCs calls every rpc in every protocol, on a server with a plugin.
func TestAdminRPCs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "libraries")
	library := installPlugin(t, dir)
	b := run(t, func(cfg *server.Config) { cfg.LibraryDir, cfg.NodeID = dir, "node" })
	for _, protocol := range []struct {
		name    string
		version int
		options []connect.ClientOption
	}{
		{"connect", 1, nil},
		{"connect json", 1, []connect.ClientOption{connect.WithProtoJSON()}},
		{"connect", 2, nil},
		{"grpc-web", 1, []connect.ClientOption{connect.WithGRPCWeb()}},
		{"grpc-web", 2, []connect.ClientOption{connect.WithGRPCWeb()}},
		{"grpc", 2, []connect.ClientOption{connect.WithGRPC()}},
	} {
		t.Run(fmt.Sprintf("%s over HTTP %d", protocol.name, protocol.version), func(t *testing.T) {
			client := b.client(t, protocol.version, protocol.options...)
			events := watchEvents(t, client)
			checkPlugins(t, library, client, events)
			checkTasks(t, library, client)
			checkExecutions(t, b, client, events)
			checkControl(t, b, client, events)
		})
	}
}

func checkPlugins(t *testing.T, library library, client adminpbconnect.AdminServiceClient, events eventStream) {
	t.Helper()
	list, err := client.ListPlugins(t.Context(), &adminpb.ListPluginsRequest{})
	if err != nil || len(list.GetPlugins()) != 1 {
		t.Fatalf("ListPlugins: %v, %v", list, err)
	}
	digest := sha256.Sum256(library.content)
	plugin := list.GetPlugins()[0]
	if plugin.GetName() != "math" || plugin.GetFile() != library.file || plugin.GetSha256() != hex.EncodeToString(digest[:]) ||
		plugin.GetState() != adminpb.PluginState_PLUGIN_STATE_SERVING || plugin.GetPid() == 0 || plugin.GetLoadedAt() == nil ||
		!slices.Contains(plugin.GetTasks(), "math::multiply") {
		t.Fatalf("ListPlugins: %v", plugin)
	}

	unloaded, err := client.UnloadPlugin(t.Context(), &adminpb.UnloadPluginRequest{Name: "math"})
	if err != nil || unloaded.GetPlugin().GetState() != adminpb.PluginState_PLUGIN_STATE_UNLOADED {
		t.Fatalf("UnloadPlugin: %v, %v", unloaded, err)
	}
	events.await(t, adminpb.EventKind_EVENT_KIND_PLUGIN_UNLOADED)
	loaded, err := client.LoadPlugin(t.Context(), &adminpb.LoadPluginRequest{Name: "math"})
	if err != nil || loaded.GetPlugin().GetState() != adminpb.PluginState_PLUGIN_STATE_SERVING {
		t.Fatalf("LoadPlugin: %v, %v", loaded, err)
	}
	if event := events.await(t, adminpb.EventKind_EVENT_KIND_PLUGIN_LOADED); event.GetPlugin() != "math" || event.GetTime() == nil {
		t.Errorf("the event of it: %v", event)
	}
	for _, name := range []string{"math", ""} {
		before := loaded.GetPlugin().GetPid()
		reloaded, err := client.ReloadPlugin(t.Context(), &adminpb.ReloadPluginRequest{Name: name})
		if err != nil || len(reloaded.GetPlugins()) != 1 || reloaded.GetPlugins()[0].GetPid() == before {
			t.Fatalf("ReloadPlugin(%q): %v, %v", name, reloaded, err)
		}
		events.await(t, adminpb.EventKind_EVENT_KIND_PLUGIN_RELOADED)
	}
	if _, err := client.LoadPlugin(t.Context(), &adminpb.LoadPluginRequest{Name: "physics"}); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("a plugin without a file: %v", err)
	}
	for _, name := range []string{"", "..", "../math", "/etc/passwd", "a/b", `a\b`, ".hidden", "a\x00", strings.Repeat("a", 1000)} {
		_, err := client.LoadPlugin(t.Context(), &adminpb.LoadPluginRequest{Name: name})
		if connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("LoadPlugin(%.20q): %v, want INVALID_ARGUMENT", name, err)
		}
	}
}

func checkTasks(t *testing.T, library library, client adminpbconnect.AdminServiceClient) {
	t.Helper()
	list, err := client.ListTasks(t.Context(), &adminpb.ListTasksRequest{})
	if err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]*adminpb.Task)
	for _, listed := range list.GetTasks() {
		byName[listed.GetName()] = listed
	}
	if add := byName["add"]; add.GetKind() != adminpb.TaskKind_TASK_KIND_SYNC || add.GetSource() == "" || add.GetPluginVersion() != "" {
		t.Errorf("add: %v", add)
	}
	if hold := byName["hold"]; hold.GetKind() != adminpb.TaskKind_TASK_KIND_ASYNC {
		t.Errorf("hold: %v", hold)
	}
	if multiply := byName["math::multiply"]; multiply.GetSource() != library.file || len(multiply.GetPluginVersion()) != 64 {
		t.Errorf("math::multiply: %v", multiply)
	}
	ofPlugin, err := client.ListTasks(t.Context(), &adminpb.ListTasksRequest{Plugin: "math"})
	if err != nil || len(ofPlugin.GetTasks()) != len(byName)-2 {
		t.Errorf("tasks of math: %v, %v", ofPlugin, err)
	}
}

func checkExecutions(t *testing.T, b *running, client adminpbconnect.AdminServiceClient, events eventStream) {
	t.Helper()
	id := t.Name()
	begin := timestamppb.Now()
	b.hold(t, id)
	list := func(request *adminpb.ListExecutionsRequest) []*adminpb.Execution {
		t.Helper()
		request.Since = begin
		response, err := client.ListExecutions(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		return response.GetExecutions()
	}
	got := list(&adminpb.ListExecutionsRequest{States: []adminpb.ExecutionState{adminpb.ExecutionState_EXECUTION_STATE_RUNNING}})
	if len(got) != 1 || got[0].GetId() != id || got[0].GetMethod() != "hold" || !got[0].GetDetached() ||
		got[0].GetStartedAt() == nil || got[0].GetEndedAt() != nil {
		t.Errorf("while it runs: %v", got)
	}
	status, err := client.GetStatus(t.Context(), &adminpb.GetStatusRequest{})
	if err != nil || status.GetRunningTasks() != 1 || status.GetNodeId() != "node" || status.GetVersion() != "v1.2.3" ||
		status.GetPlugins() != 1 || status.GetLogLevel() != "info" || status.GetMemoryBytes() == 0 ||
		status.GetUptime().AsDuration() <= 0 || status.GetLimits()["max-pending-tasks"] != "100000" {
		t.Errorf("GetStatus: %v, %v", status, err)
	}

	cancel := func(id string) (*adminpb.CancelExecutionResponse, error) {
		return client.CancelExecution(t.Context(), &adminpb.CancelExecutionRequest{Id: id})
	}
	for _, first := range []bool{true, false} {
		cancelled, err := cancel(id)
		if err != nil || cancelled.GetCancelled() != first || cancelled.GetState() != adminpb.ExecutionState_EXECUTION_STATE_CANCELLED {
			t.Errorf("CancelExecution, for the first time %t: %v, %v", first, cancelled, err)
		}
	}
	if _, err := cancel("nobody's"); connect.CodeOf(err) != connect.CodeNotFound {
		t.Errorf("CancelExecution of an unknown id: %v", err)
	}
	ended := events.await(t, adminpb.EventKind_EVENT_KIND_TASK_ENDED).GetExecution()
	if ended.GetId() != id || ended.GetState() != adminpb.ExecutionState_EXECUTION_STATE_CANCELLED || ended.GetCode() != "CANCELLED" {
		t.Errorf("the event of its end: %v", ended)
	}

	if err := b.add(t, id+" failed", "one"); task.ErrorOf(err).Code != task.InvalidArgument {
		t.Fatal(err)
	}
	if err := b.add(t, "", 1, 2, 3); err != nil {
		t.Fatal(err)
	}
	got = list(&adminpb.ListExecutionsRequest{Method: "add"})
	if len(got) != 2 || got[0].GetState() != adminpb.ExecutionState_EXECUTION_STATE_SUCCEEDED ||
		got[1].GetId() != id+" failed" || got[1].GetCode() != "INVALID_ARGUMENT" || got[1].GetMessage() == "" {
		t.Errorf("what ended: %v", got)
	}
	if got = list(&adminpb.ListExecutionsRequest{Plugin: "math"}); len(got) != 0 {
		t.Errorf("of a plugin that ran nothing: %v", got)
	}
	if got = list(&adminpb.ListExecutionsRequest{Until: begin}); len(got) != 0 {
		t.Errorf("before all began: %v", got)
	}
	for _, bad := range []*adminpb.ListExecutionsRequest{
		{States: []adminpb.ExecutionState{99}}, {PageToken: "?"}, {PageToken: "AA"},
	} {
		if _, err := client.ListExecutions(t.Context(), bad); connect.CodeOf(err) != connect.CodeInvalidArgument {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

func checkControl(t *testing.T, b *running, client adminpbconnect.AdminServiceClient, events eventStream) {
	t.Helper()
	if response, err := client.Drain(t.Context(), &adminpb.DrainRequest{}); err != nil || response.GetLeft() != 0 {
		t.Fatalf("Drain: %v, %v", response, err)
	}
	events.await(t, adminpb.EventKind_EVENT_KIND_DRAINING)
	if err := b.add(t, "", 1, 2, 3); task.ErrorOf(err).Code != task.Unavailable {
		t.Errorf("a new task while draining: %v", err)
	}
	if _, err := client.Resume(t.Context(), &adminpb.ResumeRequest{}); err != nil {
		t.Fatalf("Resume: %v", err)
	}
	events.await(t, adminpb.EventKind_EVENT_KIND_RESUMED)
	if err := b.add(t, "", 1, 2, 3); err != nil {
		t.Errorf("a new task after Resume: %v", err)
	}

	for _, step := range [][2]string{{"debug", "info"}, {"info", "debug"}} {
		response, err := client.SetLogLevel(t.Context(), &adminpb.SetLogLevelRequest{Level: step[0]})
		if err != nil || response.GetPrevious() != step[1] {
			t.Fatalf("SetLogLevel(%s): %v, %v", step[0], response, err)
		}
		events.await(t, adminpb.EventKind_EVENT_KIND_LOG_LEVEL_CHANGED)
	}
	if got := b.config.LogLevel.Level(); got != slog.LevelInfo {
		t.Errorf("the level is %v", got)
	}
	if _, err := client.SetLogLevel(t.Context(), &adminpb.SetLogLevelRequest{Level: "loud"}); connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("SetLogLevel(loud): %v", err)
	}
	stream, err := client.WatchEvents(t.Context(), &adminpb.WatchEventsRequest{Kinds: []adminpb.EventKind{99}})
	if err == nil {
		stream.Receive()
		err = stream.Err()
		stream.Close()
	}
	if connect.CodeOf(err) != connect.CodeInvalidArgument {
		t.Errorf("WatchEvents of a kind that is none: %v", err)
	}
}

// TestPagesFitTogether reads all executions in pages while others end.
func TestPagesFitTogether(t *testing.T) {
	b := run(t)
	want := make(map[string]bool)
	submit := func(id string) {
		t.Helper()
		if err := b.add(t, id, 1, 2, 3); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 205 {
		id := fmt.Sprintf("before %d", i)
		submit(id)
		want[id] = true
	}
	b.hold(t, "held") // runs at the first page, has ended at the last
	want["held"] = true

	request := &adminpb.ListExecutionsRequest{PageSize: 50}
	var last *adminpb.Execution
	for page := 0; ; page++ {
		response, err := b.admin.ListExecutions(t.Context(), request)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range response.GetExecutions() {
			if last != nil && last.GetSubmittedAt().AsTime().Before(x.GetSubmittedAt().AsTime()) {
				t.Errorf("%q stands after %q, which is older", x.GetId(), last.GetId())
			}
			if last = x; !want[x.GetId()] {
				t.Errorf("page %d has %q, which is new or was there before", page, x.GetId())
			}
			delete(want, x.GetId())
		}
		submit(fmt.Sprintf("after page %d", page))
		if page == 0 {
			b.release()
		}
		if request.PageToken = response.GetNextPageToken(); request.PageToken == "" {
			break
		}
	}
	if len(want) > 0 {
		t.Errorf("%d executions are on no page: %v", len(want), want)
	}
	response, err := b.admin.ListExecutions(t.Context(), &adminpb.ListExecutionsRequest{})
	if err != nil || len(response.GetExecutions()) != 100 {
		t.Errorf("a page of no given size has %d, %v", len(response.GetExecutions()), err)
	}
}

func TestTasksHaveStatistics(t *testing.T) {
	b := run(t)
	for range 3 {
		if err := b.add(t, "", 1, 2, 3); err != nil {
			t.Fatal(err)
		}
	}
	if err := b.add(t, "", "one"); err == nil {
		t.Fatal("nonsense succeeded")
	}
	b.hold(t, "held")
	list, err := b.admin.ListTasks(t.Context(), &adminpb.ListTasksRequest{})
	if err != nil || len(list.GetTasks()) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	add, hold := list.GetTasks()[0], list.GetTasks()[1]
	if add.GetCalls() != 4 || add.GetFailures() != 1 || add.GetRunning() != 0 ||
		add.GetLatency().GetMax().AsDuration() < add.GetLatency().GetP50().AsDuration() || add.GetLatency().GetMean() == nil {
		t.Errorf("add: %v", add)
	}
	if hold.GetCalls() != 0 || hold.GetRunning() != 1 || hold.GetLatency() != nil {
		t.Errorf("hold: %v", hold)
	}
	status, err := b.admin.GetStatus(t.Context(), &adminpb.GetStatusRequest{})
	if err != nil || status.GetSucceeded() != 3 || status.GetFailed() != 1 || status.GetResults() < 1 || status.GetTasks() != 2 {
		t.Errorf("GetStatus: %v, %v", status, err)
	}
}
