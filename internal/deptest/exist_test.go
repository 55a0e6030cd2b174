package deptest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// A rule about a room that has moved or gone guards nothing and says nothing.

func TestRoomsExist(t *testing.T) {
	sources := readSources(t)
	for _, r := range rooms {
		if !slices.ContainsFunc(sources, func(s source) bool { return within(s.folder(), r.path) }) {
			t.Errorf("rooms_test.go has a room %s, the tree has none", r.path)
		}
	}
}

// TestLinterRulesAreAboutFilesThatExist reads the linter's settings, which name
// files by globs and by regular expressions.
func TestLinterRulesAreAboutFilesThatExist(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", ".golangci.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, s := range readSources(t) {
		files = append(files, s.path)
	}
	globs, patterns := lintedFiles(string(text))
	if len(globs) < 5 || len(patterns) < 5 {
		t.Fatalf("found only %q and %q: has the file another form now?", globs, patterns)
	}
	for _, glob := range globs {
		start, _, _ := strings.Cut(glob, "*")
		if !slices.ContainsFunc(files, func(file string) bool { return strings.HasPrefix(file, start) }) {
			t.Errorf(".golangci.yml has a rule for %s, the tree has no Go file there", glob)
		}
	}
	for _, pattern := range patterns {
		for alternative := range strings.SplitSeq(pattern, "|^") {
			want, err := regexp.Compile(alternative)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.ContainsFunc(files, want.MatchString) {
				t.Errorf(".golangci.yml has an exclusion for %s, no Go file matches it", alternative)
			}
		}
	}
}

// lintedFiles returns the globs of depguard's rules and the regular expressions
// of the exclusions.
func lintedFiles(text string) (globs, patterns []string) {
	for _, match := range regexp.MustCompile(`\$\{config-path\}/([^"]+)"`).FindAllStringSubmatch(text, -1) {
		globs = append(globs, match[1])
	}
	for _, match := range regexp.MustCompile(`(?m)^ +(?:- )?path: (.+)$`).FindAllStringSubmatch(text, -1) {
		patterns = append(patterns, match[1])
	}
	return globs, patterns
}
