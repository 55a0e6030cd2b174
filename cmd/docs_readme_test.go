//go:build unix

package cmd_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// blocks returns the blocks of a kind that a page has.
func blocks(t *testing.T, kind string, page ...string) []string {
	t.Helper()
	text, err := os.ReadFile(plugintest.Path(t, page...))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, match := range regexp.MustCompile("(?ms)^```"+kind+"\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		found = append(found, match[1])
	}
	if len(found) == 0 {
		t.Fatalf("no block of %s in %q", kind, page)
	}
	return found
}

// TestReadmeStarts runs the commands of the README that start something.
func TestReadmeStarts(t *testing.T) {
	t.Parallel()
	for _, block := range blocks(t, "sh", "README.md") {
		switch command := strings.TrimSpace(block); command {
		case "go run ./cmd/task-scheduler":
			startAsTheReadmeSays(t, command)
		case "./test":
			// It runs this test: that it can be run has to do.
			if _, err := exec.LookPath(plugintest.Path(t, "test")); err != nil {
				t.Error(err)
			}
		default:
			t.Errorf("%s: no test knows this command: make a console block of it, or add it here", command)
		}
	}
}

func startAsTheReadmeSays(t *testing.T, command string) {
	t.Helper()
	// What go run builds takes minutes on a machine that has built nothing yet.
	build := exec.CommandContext(t.Context(), "go", "build", "-o", t.TempDir(), strings.TrimPrefix(command, "go run "))
	build.Dir = plugintest.Path(t)
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	shell := exec.CommandContext(t.Context(), "sh", "-c", command)
	shell.Dir = plugintest.Path(t)
	shell.Env = append(os.Environ(), "TASK_SCHEDULER_ADDR=127.0.0.1:0", "TASK_SCHEDULER_LOG_DIR=", "TASK_SCHEDULER_LIBRARY_DIR="+t.TempDir())
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // go run's child ends with it
	printed := newTranscript()
	shell.Stdout, shell.Stderr = printed, printed
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = syscall.Kill(-shell.Process.Pid, syscall.SIGKILL)
		_ = shell.Wait() // it has been killed
	}()
	match, err := printed.await(`From another terminal:\n\n {4}(.*)\n`)
	if err != nil {
		t.Fatal(err)
	}
	if want := regexp.MustCompile(`^go run ./cmd/task-scheduler run --server 127\.0\.0\.1:\d+ add 1 2 3$`); !want.MatchString(match[1]) {
		t.Errorf("it says %q, want %v", match[1], want)
	}
}

// TestReadmeShowsExamples: what the README shows in Go stands in a file of the
// examples, which are built and tested.
func TestReadmeShowsExamples(t *testing.T) {
	t.Parallel()
	var files []string
	err := filepath.WalkDir(plugintest.Path(t, "examples"), func(name string, _ fs.DirEntry, err error) error {
		if filepath.Ext(name) == ".go" {
			text, err := os.ReadFile(name)
			files = append(files, string(text))
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range blocks(t, "go", "README.md") {
		found := false
		for _, file := range files {
			found = found || shows(block, file)
		}
		if !found {
			t.Errorf("no example has\n%s", block)
		}
	}
}

// shows tells whether a file has the lines of an excerpt, in that order, in which
// … stands for anything.
func shows(excerpt, file string) bool {
	rest := strings.Split(file, "\n")
	for line := range strings.Lines(excerpt) {
		words := strings.Join(strings.Fields(line), " ")
		pattern := regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSuffix(words, " … }")), "…", ".*") + "$")
		for words != "" && (len(rest) == 0 || !pattern.MatchString(strings.Join(strings.Fields(rest[0]), " "))) {
			if len(rest) == 0 {
				return false
			}
			rest = rest[1:]
		}
	}
	return true
}
