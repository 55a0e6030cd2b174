//go:build unix

package cmd_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestCompletionInShells types at real shells, beside a server.
func TestCompletionInShells(t *testing.T) {
	t.Parallel()
	s := &serverProcess{env: append(os.Environ(), "GORACE=atexit_sleep_ms=0", "TASK_SCHEDULER_ADMIN_ADDR=127.0.0.1:0")}
	t.Cleanup(s.kill)
	addr, err := s.start(t.TempDir(), nil, []string{"--addr", "127.0.0.1:0", "--log-dir="})
	if err != nil {
		t.Fatal(err)
	}
	adminAddr, err := s.adminAddr()
	if err != nil {
		t.Fatal(err)
	}
	for name, shell := range map[string]struct {
		command []string
		load    string
	}{
		"bash": {[]string{"bash", "--norc", "--noprofile", "-i"}, "PS1='> '; source <(task-scheduler completion bash)"},
		"zsh": {[]string{"zsh", "-f", "-i"}, "PS1='> '; autoload -U compinit; compinit -u -d $HOME/dump; " +
			"source <(task-scheduler completion zsh)"},
		"zsh, by a file": {[]string{"zsh", "-f", "-i"}, "PS1='> '; mkdir $HOME/f; task-scheduler completion zsh > $HOME/f/_task-scheduler; " +
			"fpath=($HOME/f $fpath); autoload -U compinit; compinit -u -d $HOME/dump"},
		"fish": {[]string{"fish", "--no-config", "--interactive"}, "function fish_prompt; echo '> '; end; " +
			"task-scheduler completion fish | source"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := exec.LookPath(shell.command[0]); err != nil {
				t.Skip(name + " is not installed")
			}
			home := t.TempDir()
			if err := os.WriteFile(filepath.Join(home, "only.crt"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			p := startTerminal(t, home, shell.command...)
			p.send("cd $HOME; " + shell.load + "; echo lo''aded\r")
			p.expect(`loaded\r?\n`)
			for typed, completed := range map[string]string{
				"task-scheduler vers\t": `version`,
				"task-scheduler run --detach --server " + addr + " fibo\t":                       `fibonacci`,
				"task-scheduler describe --server=" + addr + " process_pe\t":                     `process_person_map`,
				"task-scheduler serve --max-wai\t":                                               `--max-wait`,
				"task-scheduler serve --tls-cert onl\t":                                          `only\.crt`,
				"task-scheduler serve --tls-cert=onl\t":                                          `--tls-cert=only\.crt`,
				"task-scheduler completion fi\t":                                                 `fish`,
				"task-scheduler admin --admin-addr " + adminAddr + " executions --method fibo\t": `fibonacci`,
				"task-scheduler admin log-level deb\t":                                           `debug`,
				"task-scheduler help admin drai\t":                                               `drain`,
			} {
				p.send(typed)
				// A shell rings when it finds nothing, as when a busy machine's server has not
				// answered in time: whoever types tries again.
				for tries := 0; p.expect(completed+"|\a") == "\a"; tries++ {
					if tries == 20 {
						t.Fatalf("%q is not completed", typed)
					}
					p.send("\x15" + typed) // Ctrl-U drops the line
				}
				p.send("\x15echo the ''next\r")
				p.expect(`the next\r?\n`)
			}
			p.send("exit\r")
		})
	}
}
