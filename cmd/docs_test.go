//go:build unix

package cmd_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

var update = flag.Bool("update", false, "write what is printed to docs, rather than compare")

// TestDocs runs the console blocks of a page on a server, one command after
// another, and compares what they answer with what is shown. With -update,
// answers that are others are written to the page.
func TestDocs(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("curl is not installed")
	}
	for name, page := range map[string]string{
		"admin":      plugintest.Path(t, "docs", "admin.md"),
		"clients":    plugintest.Path(t, "docs", "clients.md"),
		"operations": plugintest.Path(t, "docs", "operations.md"),
		"readme":     plugintest.Path(t, "README.md"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			now := newDocsServer(t).run(t, string(text))
			if *update {
				if err := os.WriteFile(page, []byte(now), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// run runs the console blocks of a page, and returns the page as it should be.
func (d *docsServer) run(t *testing.T, page string) string {
	t.Helper()
	var updated, shown strings.Builder
	command, inside := "", false
	for line := range strings.Lines(page) {
		asked, isCommand := strings.CutPrefix(line, "$ ")
		switch {
		case !inside:
			inside = line == "```console\n"
		case strings.HasSuffix(command, `\`) || strings.Count(command, "'")%2 == 1: // it goes on
			command = strings.TrimSuffix(command, `\`) + " " + strings.TrimSpace(line)
		case isCommand || line == "```\n":
			if command != "" {
				updated.WriteString(d.check(t, command, shown.String()))
			}
			shown.Reset()
			command, inside = strings.TrimSpace(asked), isCommand
			if !isCommand {
				command = ""
			}
		default:
			shown.WriteString(line)
			continue
		}
		updated.WriteString(line)
	}
	return updated.String()
}

// docsServer is the server that a page is about.
type docsServer struct {
	process         *serverProcess
	dir             string
	addr, adminAddr string
}

func newDocsServer(t *testing.T) *docsServer {
	t.Helper()
	library := plugintest.Compile(t, plugintest.Example(t, "c"))
	s := &serverProcess{env: append(os.Environ(), "GORACE=atexit_sleep_ms=0", "TASK_SCHEDULER_ADMIN_ADDR=127.0.0.1:0")}
	d := &docsServer{process: s, dir: t.TempDir()}
	for _, folder := range []string{"abi", "examples"} { // as in the root, where readers are
		if err := os.Symlink(plugintest.Path(t, folder), filepath.Join(d.dir, folder)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := install(library, filepath.Join(d.dir, "libraries"), "math"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.kill)
	var err error
	if d.addr, err = s.start(d.dir, nil, []string{"--addr", "127.0.0.1:0", "--log-dir=", "--node-id", "n1"}); err != nil {
		t.Fatal(err)
	}
	if d.adminAddr, err = s.adminAddr(); err != nil {
		t.Fatal(err)
	}
	if _, err = s.stderr.await("plugin loaded plugin=math"); err != nil {
		t.Fatal(err)
	}
	return d
}

// check runs a command and returns what is to be shown below it: that which is,
// or the answer if it is another.
func (d *docsServer) check(t *testing.T, command, shown string) string {
	t.Helper()
	answer := d.answer(t, command)
	if sameAnswer(shown, answer) {
		return shown
	}
	t.Errorf("$ %s\nanswers\n%s\nand the page shows\n%s", command, answer, shown)
	return answer
}

// answer runs a command as a reader would, with other ports.
func (d *docsServer) answer(t *testing.T, command string) string {
	t.Helper()
	command = strings.NewReplacer("127.0.0.1:50051", d.addr, "127.0.0.1:50052", d.adminAddr,
		"go run ./cmd/task-scheduler", "task-scheduler", "go run ./examples", "go run -C "+plugintest.Path(t)+" ./examples",
	).Replace(command)
	var answer string
	switch {
	case strings.HasPrefix(command, "grpcurl "):
		answer = d.grpcurl(t, command)
	case strings.Contains(command, "events") || strings.Contains(command, "WatchEvents"):
		answer = d.stream(t, command)
	default:
		began := time.Now()
		out, _ := d.shell(t, command).CombinedOutput() // what went wrong is shown
		if bytes.Contains(out, []byte("Method not found: example::")) && time.Since(began) > runsPatience {
			if _, err := d.process.stderr.await("plugin loaded plugin=example"); err != nil {
				t.Fatal(err)
			}
			out, _ = d.shell(t, command).CombinedOutput()
		}
		answer = string(out)
	}
	if !strings.HasSuffix(answer, "\n") {
		answer += "\n"
	}
	return strings.NewReplacer(d.addr, "127.0.0.1:50051", d.adminAddr, "127.0.0.1:50052").Replace(answer)
}

func (d *docsServer) shell(t *testing.T, command string) *exec.Cmd {
	t.Helper()
	shell := exec.CommandContext(t.Context(), "sh", "-c", command)
	shell.Dir = d.dir
	shell.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0",
		"TASK_SCHEDULER_SERVER="+d.addr, "TASK_SCHEDULER_ADMIN_ADDR="+d.adminAddr)
	return shell
}

// stream runs a command that goes on until it has told of a task.
func (d *docsServer) stream(t *testing.T, command string) string {
	t.Helper()
	shell := d.shell(t, command)
	shell.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // the shell's children end with it
	printed := newTranscript()
	shell.Stdout, shell.Stderr = printed, printed
	if err := shell.Start(); err != nil {
		t.Fatal(err)
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		if _, err := printed.await(`(?i)task_ended`); err != nil {
			t.Error(err)
		}
	}()
	d.runTasks(t, told)
	if !strings.Contains(command, "--limit") {
		_ = syscall.Kill(-shell.Process.Pid, syscall.SIGKILL)
	}
	_ = shell.Wait() // it may have been killed
	if !strings.Contains(command, "curl") {
		return printed.String()
	}
	_, messages, _ := strings.Cut(printed.String(), `{"`) // after the first five bytes
	var first json.RawMessage
	if err := json.NewDecoder(strings.NewReader(`{"` + messages)).Decode(&first); err != nil {
		t.Error(err)
	}
	return string(first)
}

// runTasks runs tasks until somebody has been told.
func (d *docsServer) runTasks(t *testing.T, told <-chan struct{}) {
	t.Helper()
	c, err := client.New(client.Config{Addr: d.addr})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for {
		select {
		case <-told:
			return
		default:
		}
		if _, err := c.Run(t.Context(), "ping"); err != nil {
			t.Fatal(err)
		}
	}
}

// Values that differ from run to run are compared by their kind.
var variable = []struct {
	pattern *regexp.Regexp
	instead string
}{
	// Not every kernel has all protections.
	{regexp.MustCompile(`(?m)^(plugin math: )?not protected.*\n`), ""},
	{regexp.MustCompile(`,\s*"missing_?[pP]rotections":\s*\[[^\]]*\]`), ""},
	{regexp.MustCompile(`"memory_?[bB]ytes":\s*"?\d+"?,\s*`), ""}, // it is not known at once
	{regexp.MustCompile(`("node_?[iI]d":\s*)"[^"]*"`), "${1}NODE"},
	{regexp.MustCompile(`\s+`), " "},
	{regexp.MustCompile(`([{\[:,]) `), "$1"},
	{regexp.MustCompile(` ([}\]])`), "$1"},
	{regexp.MustCompile(`\b[0-9a-f]{64}\b`), "HASH"},
	{regexp.MustCompile(`\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}\b`), "UUID"},
	{regexp.MustCompile(`\b[0-9a-f]{12}\b`), "HASH"},
	{regexp.MustCompile(`\b20\d\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?`), "TIME"},
	{regexp.MustCompile(`\b\d\d:\d\d:\d\d\.\d{3}\b`), "TIME"},
	{regexp.MustCompile(`\b(\d+(\.\d+)?(ns|µs|ms|s|m|h|d))+`), "SPAN"},
	{regexp.MustCompile(`(_seconds":)[-0-9.e]+`), "${1}SPAN"},
	{regexp.MustCompile(`\b\d+(\.\d+)? [KMG]?i?B\b`), "SIZE"},
	{regexp.MustCompile(`((?:pid|goroutines|tasks)":|tasks |max-sync-tasks )\d+`), "${1}NUMBER"},
	{regexp.MustCompile(`libmath\.\w+ HASH 3 \d+`), "libmath.so HASH 3 NUMBER"},
	{regexp.MustCompile(`\d+ goroutines`), "NUMBER goroutines"},
	{regexp.MustCompile(`libmath\.\w+`), "libmath.so"},
	{regexp.MustCompile(`\bgo1\.\d+[.\w]*`), "GO"},
	{regexp.MustCompile(`("version":"|version )[^",]+`), "${1}VERSION"},
}

// sameAnswer tells whether an answer is the one that is shown, in which … stands
// for anything.
func sameAnswer(shown, answer string) bool {
	for _, v := range variable {
		shown = v.pattern.ReplaceAllString(shown, v.instead)
		answer = v.pattern.ReplaceAllString(answer, v.instead)
	}
	pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(shown)), "…", ".*")
	return regexp.MustCompile("^" + pattern + "$").MatchString(strings.TrimSpace(answer))
}
