package deptest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// maxExported is how many names users may be given in all: types, functions,
// methods, constants and variables. Each is a promise; a new one takes the place
// of another, or of one that nobody needed.
const maxExported = 302

func TestFewNamesAreExported(t *testing.T) {
	count, all := map[string]int{}, 0
	for _, s := range readSources(t) {
		if s.generated || s.isTest() || !public(s) {
			continue
		}
		text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(s.path)))
		if err != nil {
			t.Fatal(err)
		}
		names, err := exported(text)
		if err != nil {
			t.Fatal(err)
		}
		count[s.folder()] += len(names)
		all += len(names)
	}
	for _, folder := range slices.Sorted(maps.Keys(count)) {
		t.Logf("%s: %d", folder, count[folder])
	}
	t.Logf("%d exported names, at most %d", all, maxExported)
	if all > maxExported {
		t.Errorf("%d exported names outside internal, more than %d: does a user need each new one?", all, maxExported)
	}
}

// public tells whether users can import the package that a file belongs to.
func public(s source) bool {
	return s.pkg != "main" && !strings.HasPrefix(s.path, "examples/") && !slices.Contains(strings.Split(s.folder(), "/"), "internal")
}

// exported returns the names that a file gives to users.
func exported(text []byte) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if owner := receiver(d); d.Name.IsExported() && (owner == "" || ast.IsExported(owner)) {
				names = append(names, strings.TrimPrefix(owner+"."+d.Name.Name, "."))
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				names = append(names, specNames(spec)...)
			}
		}
	}
	return names, nil
}

// receiver returns the name of the type that a method is of, or "".
func receiver(function *ast.FuncDecl) string {
	if function.Recv == nil {
		return ""
	}
	owner := ""
	ast.Inspect(function.Recv.List[0].Type, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok && owner == "" {
			owner = name.Name
		}
		return owner == ""
	})
	return owner
}

// specNames returns the exported names of a type with an interface's methods,
// of constants or of variables.
func specNames(spec ast.Spec) []string {
	var names []string
	keep := func(owner string, identifiers ...*ast.Ident) {
		for _, name := range identifiers {
			if name.IsExported() {
				names = append(names, owner+name.Name)
			}
		}
	}
	switch s := spec.(type) {
	case *ast.ValueSpec:
		keep("", s.Names...)
	case *ast.TypeSpec:
		keep("", s.Name)
		if methods, ok := s.Type.(*ast.InterfaceType); ok && s.Name.IsExported() {
			for _, method := range methods.Methods.List {
				keep(s.Name.Name+".", method.Names...)
			}
		}
	}
	return names
}

func TestExportedNamesAreFound(t *testing.T) {
	const text = `package p
const A, b = 1, 2
var ( C int; d int )
type E struct{ F int }
type g struct{}
type H interface{ I(); j() }
func K() {}
func l() {}
func (e *E) M() {}
func (e E) n() {}
func (g) O() {}
type P[T any] struct{}
func (p *P[T]) Q() {}
`
	got, err := exported([]byte(text))
	want := []string{"A", "C", "E", "H", "H.I", "K", "E.M", "P", "P.Q"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v; want %q", got, err, want)
	}
	for file, want := range map[string]bool{
		"task/value.go": true, "cmd/task-scheduler/main.go": true, "examples/embed/embed.go": false,
		"internal/wire/wire.go": false, "loader/internal/watch/watch.go": false,
	} {
		if got := public(source{path: file, pkg: path.Base(path.Dir(file))}); got != want {
			t.Errorf("public(%s): got %t, want %t", file, got, want)
		}
	}
	if public(source{path: "cmd/task-scheduler/main.go", pkg: "main"}) {
		t.Error("a main package counts as public")
	}
}
