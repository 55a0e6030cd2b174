package deptest

import (
	"fmt"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

func TestImportsGoDownOnly(t *testing.T) {
	for _, s := range readSources(t) {
		for _, wrong := range wrongImports(s) {
			t.Error(wrong)
		}
	}
}

// TestRoomsStandOnEachOther keeps the table itself honest: a room above
// another one can't be imported by it, so there is no way round in a circle.
func TestRoomsStandOnEachOther(t *testing.T) {
	for i, r := range rooms {
		for _, lower := range r.imports {
			if at := slices.IndexFunc(rooms, func(r room) bool { return r.path == lower }); at < 0 || at >= i {
				t.Errorf("%s may import %s, which does not stand above it in the table", r.path, lower)
			}
		}
	}
}

// TestTaskIsStandardLibraryAlone asks the go command, which sees what the
// imports of imports are.
func TestTaskIsStandardLibraryAlone(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps",
		"-f", "{{if not .Standard}}{{.ImportPath}}{{end}}", module+"/task").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dependency := range strings.FieldsSeq(string(out)) {
		if dependency != module+"/task" {
			t.Errorf("task depends on %s: the standard library has to do, so that nobody gets more with it", dependency)
		}
	}
}

// wrongImports says in a sentence each what s imports and may not.
func wrongImports(s source) []string {
	if s.isTest() {
		return nil
	}
	own := roomOf(s.folder())
	if own == nil {
		return []string{fmt.Sprintf("%s: no room for package %s: give it one in rooms_test.go, with what it may import",
			s.path, s.folder())}
	}
	var wrong []string
	for _, imported := range s.imports {
		if reason := refusal(own, imported); reason != "" {
			wrong = append(wrong, fmt.Sprintf("%s imports %s: %s", s.path, imported, reason))
		}
	}
	return wrong
}

// refusal says why own may not import a package, or "".
func refusal(own *room, imported string) string {
	folder, inside := strings.CutPrefix(imported, module+"/")
	switch {
	case inside && forTests(folder):
		return folder + " is for tests and is never linked into a binary"
	case inside:
		other := roomOf(folder)
		if other != nil && (other == own || slices.Contains(own.imports, other.path)) {
			return ""
		}
		return fmt.Sprintf("imports go down only, %s may import %s",
			own.path, orNothing(own.imports, "no package of this module"))
	case imported == "testing" || strings.HasPrefix(imported, "testing/") || imported == "net/http/httptest":
		return "what is for tests is never linked into a binary"
	case standard(imported):
		return ""
	case mayUse(own, imported):
		return ""
	}
	if owners := ownersOf(imported); len(owners) > 0 {
		return fmt.Sprintf("one third-party technology per package, this one is for %s only",
			strings.Join(owners, ", "))
	}
	return fmt.Sprintf("from outside this module, %s may import %s",
		own.path, orNothing(own.outside, "the standard library alone"))
}

// standard tells whether a package is of the standard library: its first
// element is not a domain.
func standard(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return !strings.Contains(first, ".")
}

// ownersOf returns the rooms that may import a package from outside.
func ownersOf(imported string) []string {
	var owners []string
	for i := range rooms {
		if mayUse(&rooms[i], imported) {
			owners = append(owners, rooms[i].path)
		}
	}
	return owners
}

func mayUse(r *room, imported string) bool {
	return slices.ContainsFunc(r.outside, func(root string) bool { return within(imported, root) })
}

func orNothing(words []string, nothing string) string {
	if len(words) == 0 {
		return nothing
	}
	return "only " + strings.Join(words, ", ")
}

func TestWrongImportsAreFound(t *testing.T) {
	tests := []struct {
		file, imported string
		want           string // a part of the sentence; empty when there is nothing wrong
	}{
		{"task/value.go", "math", ""},
		{"task/value.go", "github.com/google/uuid", "for internal/scheduler, client only"},
		{"task/value.go", "github.com/someone/something", "task may import the standard library alone"},
		{"task/value.go", module + "/internal/wire", "task may import no package of this module"},
		{"task/value_test.go", "go.uber.org/goleak", ""},
		{"internal/wire/decode.go", module + "/task", ""},
		{"internal/wire/inner/x.go", module + "/internal/wire", ""},
		{"internal/store/cached/cached.go", "github.com/maypok86/otter/v2", ""},
		{"internal/store/cached/cached.go", "github.com/maypok86/otter/v2/stats", ""},
		{"internal/scheduler/scheduler.go", "github.com/maypok86/otter/v2", "for internal/store/cached only"},
		{"internal/scheduler/scheduler.go", "github.com/maypok86/otter/v20", "internal/scheduler may import only github.com/google/uuid"},
		{"internal/scheduler/scheduler.go", module + "/internal/store/memory", "imports go down only"},
		{"internal/scheduler/scheduler.go", module + "/gen/taskscheduler", "imports go down only"},
		{"service/service.go", module + "/gen/taskscheduler", ""},
		{"service/service.go", "testing", "never linked into a binary"},
		{"service/service.go", module + "/internal/contracttest", "never linked into a binary"},
		{"service/service_test.go", module + "/internal/contracttest", ""},
		{"internal/contracttest/cases.go", "testing", ""},
		{"server/server.go", module + "/cmd", "imports go down only"},
		{"cmd/task-scheduler/main.go", module + "/server", "only builtin, cmd"},
		{"attic/attic.go", "fmt", "no room for package attic"},
	}
	for _, test := range tests {
		s := source{path: test.file, pkg: path.Base(path.Dir(test.file)), imports: []string{test.imported}}
		got := strings.Join(wrongImports(s), "\n")
		if (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
			t.Errorf("%s imports %s: got %q, want it to contain %q", test.file, test.imported, got, test.want)
		}
	}
}
