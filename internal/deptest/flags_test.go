package deptest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
)

// flagName is a flag as people type it, at the start of a word.
var flagName = regexp.MustCompile(`(?:^|[\s"'(])--[a-z][a-z0-9-]*`)

// TestFlagsAreNamedOnTheCommandLineAlone: a library that is embedded has no
// flags, and a client can't set the server's. It names a setting as code does
// (Config.Addr), and cmd turns that into the flag.
func TestFlagsAreNamedOnTheCommandLineAlone(t *testing.T) {
	for _, s := range readSources(t) {
		if s.generated || s.isTest() || hasFlags(s.folder()) {
			continue
		}
		text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(s.path)))
		if err != nil {
			t.Fatal(err)
		}
		named, err := namedFlags(s.path, text)
		if err != nil {
			t.Fatal(err)
		}
		for _, wrong := range named {
			t.Error(wrong)
		}
	}
}

// hasFlags tells whether a folder is of a command line.
func hasFlags(folder string) bool {
	return within(folder, "cmd") || within(folder, "internal/cli") || within(folder, "bench") || within(folder, "examples")
}

// namedFlags says in a sentence each which of a file's strings name a flag.
func namedFlags(name string, text []byte) ([]string, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var wrong []string
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		value, _ := strconv.Unquote(literal.Value) // the parser has accepted it
		if flag := flagName.FindString(value); flag != "" {
			wrong = append(wrong, fmt.Sprintf("%s:%d names a flag (%s): name the setting as code does, Config.Addr, or say the limit",
				name, files.Position(literal.Pos()).Line, flag))
		}
		return true
	})
	return wrong, nil
}

func TestNamedFlagsAreFound(t *testing.T) {
	const text = "package p\n\n// --addr is fine here.\nvar a, b, c = \"choose with --addr\", `x--addr`, \"-- --9\"\n\ntype t struct {\n\tf int `help:\"as --max-wait\"`\n}\n"
	got, err := namedFlags("p.go", []byte(text))
	if err != nil || len(got) != 2 {
		t.Errorf("got %q, %v; want two sentences", got, err)
	}
}
