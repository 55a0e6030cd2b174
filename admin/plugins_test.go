package admin

import (
	"strings"
	"testing"
	"unicode/utf8"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/loader"
)

func TestReloadingAllTellsOfEach(t *testing.T) {
	b := newBench()
	b.plugins.list = []loader.Plugin{
		{Name: "broken", File: "broken.wasm", State: loader.StateServing, SHA256: "1"},
		{Name: "fine", File: "fine.wasm", State: loader.StateServing, SHA256: "2"},
		{Name: "fine", File: "libfine.so", State: loader.StateFailed, LastError: "fine is fine.wasm already"},
		{Name: "quarantined", File: "quarantined.wasm", State: loader.StateQuarantined, SHA256: "3"},
		{Name: "unloaded", File: "unloaded.wasm", State: loader.StateUnloaded},
	}
	response, err := b.ReloadPlugin(t.Context(), &pb.ReloadPluginRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if got := response.GetPlugins(); len(got) != 4 || got[0].GetLastError() != errBroken.Error() || got[1].GetLastError() != "" {
		t.Errorf("it answers %v", got)
	}
	if line := b.log.String(); strings.Count(line, "\n") != 1 || !strings.Contains(line, `result="broken: it is broken" plugins=3`) {
		t.Errorf("the audit log has %s", line)
	}
}

func TestAPluginIsNotMistakenForARefusedFile(t *testing.T) {
	b := newBench()
	b.plugins.list = []loader.Plugin{
		{Name: "math", File: "libmath.so", State: loader.StateFailed, LastError: "math is math.wasm already"},
		{Name: "math", File: "math.wasm", State: loader.StateServing, SHA256: "1"},
	}
	response, err := b.LoadPlugin(t.Context(), &pb.LoadPluginRequest{Name: "math"})
	if err != nil || response.GetPlugin().GetFile() != "math.wasm" {
		t.Errorf("%v, %v", response, err)
	}
}

// A plugin may print anything, and a file may have any name.
func TestAnswersAreValidText(t *testing.T) {
	got := describePlugin(&loader.Plugin{Name: "a\xff", File: "a\xff.so", LastError: "\xff", Notes: []string{"\xff"}})
	for _, text := range []string{got.GetName(), got.GetFile(), got.GetLastError(), got.GetMissingProtections()[0]} {
		if !utf8.ValidString(text) {
			t.Errorf("%q", text)
		}
	}
}
