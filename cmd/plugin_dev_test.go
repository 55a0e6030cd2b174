//go:build unix

package cmd_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// workbench is a plugin in C and a folder for what must be gone afterwards.
func workbench(t *testing.T) (folder, temporary string) {
	t.Helper()
	plugintest.Need(t, "cc", "make")
	folder, temporary = filepath.Join(t.TempDir(), "hello"), t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "task-scheduler", "plugin", "new", "c", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return folder, temporary
}

// edit changes a file as an editor does.
func edit(t *testing.T, path, from, to string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), from) {
		t.Fatalf("%s has no %q", path, from)
	}
	if err := os.WriteFile(path, []byte(strings.ReplaceAll(string(text), from, to)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func isEmpty(t *testing.T, folder string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) > 0 {
		t.Errorf("%v was left, %v", entries, err)
	}
}

// TestDevOnATerminal writes on a plugin while it is called.
func TestDevOnATerminal(t *testing.T) {
	t.Parallel()
	folder, temporary := workbench(t)
	source := filepath.Join(folder, "plugin.c")
	p := startTerminal(t, t.TempDir(), "env", "TMPDIR="+temporary, "task-scheduler", "plugin", "dev", folder)
	p.expect(`Working on `)
	p.expect(`built in \S+ and loaded, with 3 tasks:\s+greet\(name: string\) -> string +Says hello\.`)
	p.expect(`dev> `)
	p.send("multiply 6 7\r")
	p.expect(`\n42`)
	p.expect(`dev> `)
	p.send("mul\t2 3\r") // completes
	p.expect(`\n6`)
	p.expect(`dev> `)

	p.send("gre") // and the line stays while others write
	edit(t, source, `"hello "`, `"goodbye "`)
	p.expect(`building: make`)
	p.expect(`built in \S+ and reloaded, with 3 tasks:`)
	p.expect(`dev> gre`)
	p.send("et Ada\r")
	p.expect(`goodbye Ada`)
	p.expect(`dev> `)

	edit(t, source, "int64_t product = 1;", "int64_t product = ;")
	p.expect(`plugin\.c:\d+:\d+: error: `)
	p.expect(`the build failed after \S+: exit status 2`)
	p.send("multiply 2 3\r")
	p.expect(`the last build failed: this calls what was loaded before`)
	p.expect(`\n6`)
	p.expect(`dev> `)
	edit(t, source, "int64_t product = ;", "int64_t product = 2;")
	p.send("multiply 2 3\r") // at once: it waits for the build
	p.expect(`and reloaded`)
	p.expect(`\n12`)
	p.expect(`dev> `)

	edit(t, source, ".abi = TASK_PLUGIN_ABI", ".abi = 7")
	p.expect(`can't be loaded: plugin hello: the plugin is built for version 7 of the ABI`)
	edit(t, source, ".abi = 7", ".abi = TASK_PLUGIN_ABI")
	p.expect(`the same as before`)

	p.send("wait 600000\r")
	p.expect(`plugin says.*waiting`) // its log, live
	p.expect(`%.* waiting`)
	p.send("\x03") // Ctrl-C cancels the call
	p.expect(`CANCELLED: interrupted`)
	p.expect(`dev> `)
	p.send("\x03") // and leaves
	p.exits(0)
	isEmpty(t, temporary)
}

// TestDevEndsWhatItStarted: an interrupt ends a build with all that it has started.
func TestDevEndsWhatItStarted(t *testing.T) {
	t.Parallel()
	folder, temporary := workbench(t)
	script := "sleep 600 & echo $! > started.log; echo building goes on; wait"
	p := startTerminal(t, t.TempDir(), "env", "TMPDIR="+temporary, "task-scheduler", "plugin", "dev", folder, "--build", script)
	p.expect(`building goes on\r`)
	p.send("\x03")
	p.exits(0)
	isEmpty(t, temporary)
	text, err := os.ReadFile(filepath.Join(folder, "started.log"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, 0); err == nil && !isZombie(pid) {
		t.Errorf("process %d is still there", pid)
	} else if err != nil && !errors.Is(err, syscall.ESRCH) {
		t.Error(err)
	}
}

// isZombie tells whether a process has ended and nobody has asked how.
func isZombie(pid int) bool {
	out, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err != nil || strings.HasPrefix(strings.TrimSpace(string(out)), "Z")
}

// TestDevIsInterrupted by a signal, as by a supervisor, where there is no terminal.
func TestDevIsInterrupted(t *testing.T) {
	t.Parallel()
	folder, temporary := workbench(t)
	in, feed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer feed.Close()
	log := newTranscript()
	process := exec.CommandContext(t.Context(), "task-scheduler", "plugin", "dev", folder)
	process.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "TMPDIR="+temporary)
	process.Stdin, process.Stderr = in, log
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	_ = in.Close()
	if _, err := log.await("and loaded, with 3 tasks"); err != nil {
		t.Fatal(err)
	}
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := process.Wait(); err != nil {
		t.Errorf("%v\n%s", err, log)
	}
	isEmpty(t, temporary)
}
