//go:build unix

package cmd_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// TestPromptOnATerminal types at a prompt.
func TestPromptOnATerminal(t *testing.T) {
	t.Parallel()
	addr := startServer(t)
	home := t.TempDir()

	p := startPrompt(t, addr, home)
	p.expect(`This is n1 at 127\.0\.0\.1:\d+\. Tab completes`)
	p.expect(`admin> `)
	p.send("pl\t") // completes, as far as it is clear
	p.expect(`plugin$`)
	p.send("s\t")
	p.expect(`plugins $`)
	p.send("\r")
	p.expect(`NAME +STATE +FILE`)
	p.expect(`admin> `)
	p.send("l\t") // tells the choices
	p.expect(`list  load  log-level`)
	p.send("\x03") // Ctrl-C drops the line
	p.expect(`\^C`)
	p.expect(`admin> `)
	p.send("exec\ts --meth\tpi\t--limit 1\r") // the tasks' names are the server's
	p.expect(`executions --method ping --limit 1`)
	p.expect(`ID +METHOD`)
	p.expect(`admin> `)
	p.send("nix\r")
	p.expect(`unexpected argument nix`)
	p.expect(`admin> `)
	p.send("events\r")
	p.expect(`Watching 127`)
	p.send("\x03") // Ctrl-C ends the command
	p.expect(`admin> `)
	p.send("\x1b[A\x1b[A\x1b[A\r") // the third line from the end
	p.expect(`executions --method ping --limit 1`)
	p.expect(`ID +METHOD`)
	p.expect(`admin> `)
	p.send("\x04") // Ctrl-D leaves
	p.exits(0)

	// The next one knows the lines.
	p = startPrompt(t, addr, home)
	p.expect(`admin> `)
	p.send("\x1b[A\x1b[A\r")
	p.expect(`events`)
	p.expect(`Watching 127`)
	p.send("\x03")
	p.expect(`admin> `)
	p.send("exit\r")
	p.exits(0)
	if lines := historyLines(t, home); lines != "plugins\nexecutions --method ping --limit 1\nnix\nevents\n"+
		"executions --method ping --limit 1\nevents\nexit\n" {
		t.Errorf("the history is %q", lines)
	}
}

// The prompt works without a history file, and a signal ends it.
func TestPromptWithoutAHome(t *testing.T) {
	t.Parallel()
	addr := startServer(t)
	p := startPrompt(t, addr, "/dev/null")
	p.expect(`admin> `)
	p.send("status\r")
	p.expect(`node +n1`)
	p.expect(`admin> `)
	p.send("\x1b[A") // it is remembered for this session
	p.expect(`status`)
	if err := p.process.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	p.exits(130)
}

func TestPromptWithoutAServer(t *testing.T) {
	t.Parallel()
	p := startPrompt(t, "unix:/dev/null/nobody", t.TempDir())
	p.expect(`UNAVAILABLE: cannot reach unix:/dev/null/nobody`)
	p.exits(3)
}

// startServer runs a server until the test ends, and returns its admin address.
func startServer(t *testing.T) string {
	t.Helper()
	_, addr := startServers(t)
	return addr
}

// startServers runs a server until the test ends, and returns both of its addresses.
func startServers(t *testing.T) (addr, adminAddr string) {
	t.Helper()
	s := &serverProcess{env: append(os.Environ(), "GORACE=atexit_sleep_ms=0", "TASK_SCHEDULER_ADMIN_ADDR=127.0.0.1:0")}
	t.Cleanup(s.kill)
	addr, err := s.start(t.TempDir(), nil, []string{"--addr", "127.0.0.1:0", "--log-dir=", "--node-id", "n1"})
	if err != nil {
		t.Fatal(err)
	}
	adminAddr, err = s.adminAddr()
	if err != nil {
		t.Fatal(err)
	}
	return addr, adminAddr
}

func historyLines(t *testing.T, home string) string {
	t.Helper()
	var text []byte
	err := filepath.Walk(home, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.Name() != "admin_history" {
			return err
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("others may read %s: %v", path, info.Mode())
		}
		text, err = os.ReadFile(path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// prompt is a command at a terminal, such as task-scheduler admin.
type prompt struct {
	t        *testing.T
	process  *exec.Cmd
	terminal *os.File
	screen   *transcript
	seen     int // how much of it has been expected
	read     chan struct{}
}

func startPrompt(t *testing.T, addr, home string) *prompt {
	t.Helper()
	return startTerminal(t, home, "task-scheduler", "admin", "--admin-addr", addr)
}

// startTerminal runs a command at a terminal.
func startTerminal(t *testing.T, home string, command ...string) *prompt {
	t.Helper()
	p := &prompt{t: t, screen: newTranscript(), read: make(chan struct{})}
	p.process = exec.CommandContext(context.Background(), command[0], command[1:]...)
	p.process.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0", "HOME="+home, "XDG_CONFIG_HOME=", "TERM=xterm")
	var err error
	p.terminal, err = pty.StartWithSize(p.process, &pty.Winsize{Rows: 50, Cols: 200})
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(p.read)
		room := make([]byte, 4096)
		for {
			n, err := p.terminal.Read(room)
			if _, _ = p.screen.Write(room[:n]); err != nil { // when all writers have ended
				p.screen.end()
				return
			}
		}
	}()
	t.Cleanup(func() {
		_ = p.process.Process.Kill() // it has exited when all went well
		_ = p.process.Wait()
		_ = p.terminal.Close()
		<-p.read
	})
	return p
}

func (p *prompt) send(keys string) {
	p.t.Helper()
	if _, err := p.terminal.WriteString(keys); err != nil {
		p.t.Fatal(err)
	}
}

// expect waits for a text after what was expected before, and returns it.
func (p *prompt) expect(pattern string) string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	deadline := time.After(patience)
	for {
		p.screen.mu.Lock()
		text, ended, changed := p.screen.text.String()[p.seen:], p.screen.ended, p.screen.changed
		p.screen.mu.Unlock()
		if at := re.FindStringIndex(text); at != nil {
			p.seen += at[1]
			return text[at[0]:at[1]]
		}
		if ended {
			p.t.Fatalf("the prompt ended without %q, but with %q", pattern, text)
		}
		select {
		case <-changed:
		case <-deadline:
			p.t.Fatalf("no %q in %v, but %q", pattern, patience, text)
		}
	}
}

func (p *prompt) exits(code int) {
	p.t.Helper()
	<-p.read
	_ = p.process.Wait() // its code tells
	if got := p.process.ProcessState.ExitCode(); got != code {
		p.t.Errorf("exit code %d, want %d; the screen: %s", got, code, strings.ReplaceAll(fmt.Sprintf("%q", p.screen), `\r\n`, "\n"))
	}
}
