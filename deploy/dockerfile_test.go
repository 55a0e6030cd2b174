//go:build linux

package deploy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A stage is what a Dockerfile says of one, as far as this one says it.
type stage struct {
	name, base string
	runs       []string
	copies     []copyStep
	env        []string
	user       string
	entrypoint []string
	health     []string
}

type copyStep struct{ from, to, mode string }

// readDockerfile returns the stages by name.
func readDockerfile(t *testing.T) map[string]*stage {
	t.Helper()
	text, err := os.ReadFile("Dockerfile")
	if err != nil {
		t.Fatal(err)
	}
	stages := map[string]*stage{}
	var s *stage
	for line := range strings.Lines(string(text)) {
		instruction, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		fields := strings.Fields(rest)
		switch instruction {
		case "", "#", "ARG", "WORKDIR", "VOLUME", "EXPOSE":
		case "FROM":
			s = &stage{name: fields[len(fields)-1], base: fields[len(fields)-3]}
			stages[s.name] = s
		case "RUN":
			s.runs = append(s.runs, rest)
		case "COPY":
			s.addCopy(fields)
		case "ENV":
			s.env = append(s.env, environment(rest)...)
		case "USER":
			s.user = rest
		case "ENTRYPOINT":
			s.entrypoint = words(t, rest)
		case "HEALTHCHECK":
			_, command, _ := strings.Cut(rest, "CMD ")
			s.health = words(t, command)
		default:
			t.Fatalf("this test does not understand %q", line)
		}
	}
	return stages
}

// addCopy takes in what is copied from the stage that builds.
func (s *stage) addCopy(fields []string) {
	if fields[0] != "--from=build" {
		return // of the sources
	}
	step := copyStep{from: fields[len(fields)-2], to: fields[len(fields)-1]}
	if mode, ok := strings.CutPrefix(fields[1], "--chmod="); ok {
		step.mode = mode
	}
	s.copies = append(s.copies, step)
}

var assignment = regexp.MustCompile(`(\w+)=("[^"]*"|\S*)`)

func environment(text string) (variables []string) {
	for _, match := range assignment.FindAllStringSubmatch(text, -1) {
		variables = append(variables, match[1]+"="+strings.Trim(match[2], `"`))
	}
	return variables
}

func words(t *testing.T, list string) (words []string) {
	t.Helper()
	if err := json.Unmarshal([]byte(list), &words); err != nil {
		t.Fatal(err)
	}
	return words
}

// copyContext copies what the build is given of the sources.
func copyContext(t *testing.T, to string) {
	t.Helper()
	text, err := os.ReadFile("Dockerfile.dockerignore")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), "!")
		if !ok {
			continue
		}
		from := filepath.Join("..", name)
		info, err := os.Stat(from)
		if err != nil {
			t.Fatal(err)
		}
		if info.IsDir() {
			err = os.CopyFS(filepath.Join(to, name), os.DirFS(from))
		} else {
			err = copyFile(from, filepath.Join(to, name), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	err = filepath.WalkDir(to, func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.Name() == "testdata":
			return joinSkip(os.RemoveAll(path))
		case strings.HasSuffix(path, "_test.go"):
			return os.Remove(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func joinSkip(err error) error {
	if err != nil {
		return err
	}
	return filepath.SkipDir
}

func copyFile(from, to string, mode os.FileMode) error {
	content, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(to, content, mode); err != nil {
		return err
	}
	return os.Chmod(to, mode)
}
