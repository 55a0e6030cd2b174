package admin

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/adminport"
	"github.com/taskscheduler/taskscheduler/internal/stats"
	"github.com/taskscheduler/taskscheduler/loader"
)

// standInNodes is a cluster of this node and others.
type standInNodes struct {
	cluster

	nodes []*pb.Node
	seen  []time.Time
}

func (standInNodes) Alone() bool                               { return false }
func (s *standInNodes) Nodes() ([]*pb.Node, []time.Time)       { return s.nodes, s.seen }
func (*standInNodes) Address(node string) string               { return "http://" + node }
func (*standInNodes) Do(*http.Request) (*http.Response, error) { return nil, errBroken }

// TestANodeThatIsGoneNeedsAttention until it is back or removed, and what it has is
// missing in lists until its work is taken over.
func TestANodeThatIsGoneNeedsAttention(t *testing.T) {
	b := newBench()
	now := time.Now()
	cluster := &standInNodes{
		nodes: []*pb.Node{{Id: "a", Self: true, Alive: true}, {Id: "b", Alive: true}, {Id: "c", Kept: 7}},
		seen:  []time.Time{now, now, now.Add(-90 * time.Second)},
	}
	b.config.Cluster, b.config.NodeID = cluster, "a"
	list := b.attention(t.Context())
	if len(list) != 1 || list[0].GetKind() != pb.AttentionKind_ATTENTION_KIND_NODE_GONE || list[0].GetSubject() != "c" || !list[0].GetUrgent() ||
		list[0].GetCount() != 7 || list[0].GetMessage() != "no sign of life for 1m30s; kept tasks that others take over: 7" {
		t.Fatalf("what is told: %v", list)
	}
	found, err := b.ListExecutions(t.Context(), &pb.ListExecutionsRequest{})
	if err != nil || !slices.Equal(found.GetUnansweredNodes(), []string{"b", "c"}) {
		t.Errorf("whose are missing: %v, %v", found, err)
	}
	cluster.nodes[2].TakenOver = true
	const taken = "no sign of life for 1m30s, and others have taken over its tasks: start it again, or remove it from the cluster"
	if list := b.attention(t.Context()); len(list) != 1 || !list[0].GetUrgent() || list[0].GetMessage() != taken {
		t.Errorf("once its tasks are the others': %v", list)
	}
	cluster.nodes[2].Left = true
	if list := b.attention(t.Context()); len(list) != 1 || list[0].GetUrgent() {
		t.Errorf("if it was stopped: %v", list)
	}
	cluster.nodes[2].Alive, cluster.nodes[2].TakenOver = true, false
	if list := b.attention(t.Context()); len(list) != 0 {
		t.Errorf("once it is back: %v", list)
	}
}

// TestViewersDontSeeLastWords: what a plugin's process has printed before it died is
// what its tasks say.
func TestViewersDontSeeLastWords(t *testing.T) {
	const secret = "the process exited with code 1; its last words: the password is 1234"
	b := newBench()
	b.config.HideValues = true
	b.plugins.list = []loader.Plugin{{Name: "bad", State: loader.StateQuarantined, LastError: secret}, {Name: "good", State: loader.StateServing}}
	for role, hidden := range map[adminport.Role]bool{adminport.Viewer: true, adminport.Operator: false} {
		ctx := adminport.WithCaller(t.Context(), adminport.Caller{Role: role})
		list, err := b.ListPlugins(ctx, &pb.ListPluginsRequest{})
		if err != nil || strings.Contains(list.String(), "1234") == hidden || list.GetPlugins()[1].GetLastError() != "" {
			t.Errorf("%s lists: %v, %v", role, list, err)
		}
		one, err := b.GetPlugin(ctx, &pb.GetPluginRequest{Name: "bad"})
		if err != nil || strings.Contains(one.String(), "1234") == hidden {
			t.Errorf("%s gets: %v, %v", role, one, err)
		}
		if list := b.attention(ctx); len(list) != 1 || list[0].GetMessage() == "" || strings.Contains(list[0].GetMessage(), "1234") == hidden {
			t.Errorf("%s looks at: %v", role, list)
		}
		for _, kind := range []stats.Kind{stats.PluginCrashed, stats.PluginQuarantined, stats.PluginLoadFailed} {
			event := describeEvent(&stats.Event{Kind: kind, Plugin: "bad", Message: secret}, b.hidesValues(ctx))
			if event.GetPlugin() != "bad" || event.GetMessage() == "" || strings.Contains(event.GetMessage(), "1234") == hidden {
				t.Errorf("%s is told: %v", role, event)
			}
		}
	}
}

// TestANodeHidesWhatTheOneThatAsksHides: a viewer of a node that hides values doesn't
// see them by way of one that doesn't.
func TestANodeHidesWhatTheOneThatAsksHides(t *testing.T) {
	asking, asked := newBench(), newBench()
	asking.config.HideValues = true
	for role, hidden := range map[adminport.Role]bool{adminport.Viewer: true, adminport.Operator: false} {
		caller := adminport.WithCaller(t.Context(), adminport.Caller{Role: role, Name: "token wall"})
		header := make(http.Header)
		asking.config.Cluster = &recordingNodes{header: &header}
		client, ctx := asking.node(caller, "b")
		if _, err := client.WhoAmI(ctx, &pb.WhoAmIRequest{}); err == nil {
			t.Fatal("nobody answers")
		}
		request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", bytes.NewReader(nil))
		request.Header = header
		ForNodes(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			if got := asked.hidesValues(r.Context()); got != hidden {
				t.Errorf("for a %s values are hidden: %t, want %t", role, got, hidden)
			}
		})).ServeHTTP(httptest.NewRecorder(), request)
	}
}

// recordingNodes notes the header of what is asked of another node.
type recordingNodes struct {
	standInNodes

	header *http.Header
}

func (r *recordingNodes) Do(request *http.Request) (*http.Response, error) {
	*r.header = request.Header.Clone()
	return nil, context.Canceled
}

// TestOddChangesAreAudited: a dry run of an upload runs its code, and who guesses at the
// words that undo is seen.
func TestOddChangesAreAudited(t *testing.T) {
	b := newBench()
	b.config.PluginUpload = true
	if _, err := b.UploadPlugin(t.Context(), &pb.UploadPluginRequest{File: "libx.so", DryRun: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := b.UndropDeadLetters(t.Context(), &pb.UndropDeadLettersRequest{UndoToken: "a guess"}); err == nil {
		t.Fatal("a guess is right")
	}
	list, err := b.ListAudit(t.Context(), &pb.ListAuditRequest{})
	if err != nil || len(list.GetEntries()) != 2 || list.GetEntries()[1].GetAction() != "check plugin" || list.GetEntries()[1].GetTarget() != "libx.so" ||
		list.GetEntries()[0].GetAction() != "undrop dead letters" || list.GetEntries()[0].GetResult() == "ok" || strings.Contains(list.String(), "a guess") {
		t.Errorf("the audit: %v, %v", list, err)
	}
}
