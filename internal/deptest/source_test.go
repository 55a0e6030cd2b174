package deptest

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/taskscheduler/taskscheduler"

// A source is what these tests want to know of a Go file.
type source struct {
	path      string // from the module's root, with slashes
	pkg       string
	imports   []string
	lines     int
	generated bool
}

func (s source) folder() string { return path.Dir(s.path) }

// isTest tells whether the file never gets into a binary: it is a test, or in
// a package that is there for tests: …internal/…test.
func (s source) isTest() bool {
	return strings.HasSuffix(s.path, "_test.go") || forTests(s.folder())
}

func forTests(folder string) bool {
	return folder == "task/tasktest" || strings.Contains("/"+folder+"/", "/internal/") && strings.HasSuffix(folder, "test")
}

// readSources reads all Go files of the module. The files themselves, rather
// than go list, show what is built on other systems only; and since this test
// opens them, go test's cache knows when it has to run again.
func readSources(t *testing.T) []source {
	t.Helper()
	var sources []source
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != root && skipped(name, entry.Name()):
			return filepath.SkipDir
		case entry.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		read, err := parse(filepath.ToSlash(relative), text)
		sources = append(sources, read)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(sources) < 10 {
		t.Fatalf("found only %d Go files: is %s the module's root?", len(sources), root)
	}
	return sources
}

// skipped tells whether the go command, too, leaves a folder out of the module.
func skipped(name, base string) bool {
	if strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "testdata" || base == "vendor" {
		return true
	}
	_, err := os.Stat(filepath.Join(name, "go.mod"))
	return err == nil // a module of its own
}

func parse(name string, text []byte) (source, error) {
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly|parser.ParseComments)
	if err != nil {
		return source{}, err
	}
	s := source{
		path:      name,
		pkg:       file.Name.Name,
		lines:     bytes.Count(text, []byte("\n")),
		generated: ast.IsGenerated(file),
	}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return source{}, err
		}
		s.imports = append(s.imports, imported)
	}
	return s, nil
}
