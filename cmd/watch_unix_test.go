//go:build unix

package cmd_test

import (
	"os/exec"
	"testing"
)

// run runs a command to its end.
func runClient(t *testing.T, addr string, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "task-scheduler", append(args, "--server", addr)...)
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v: %v: %s", args, err, out)
	}
}

// TestFollowOnATerminal: progress is a bar under the log, and goes when the result
// comes.
func TestFollowOnATerminal(t *testing.T) {
	t.Parallel()
	addr, _ := startServers(t)
	p := startTerminal(t, t.TempDir(), "task-scheduler", "run", "speak", "ann", "--follow", "--id", "ann", "--server", addr)
	p.expect(`\d\d:\d\d:\d\d\.\d{3} INFO I am ann\\x1b\[2J told=1\r\n`)
	p.expect(`\r\x1b\[K\[#{15}-{15}\]  50% half`)

	watch := startTerminal(t, t.TempDir(), "task-scheduler", "watch", "ann", "--server", addr)
	watch.expect(`INFO I am ann`)
	watch.expect(`\[#{15}-{15}\]  50% half`)
	interrupted := startTerminal(t, t.TempDir(), "task-scheduler", "watch", "ann", "--server", addr)
	interrupted.expect(`50% half`)
	interrupted.send("\x03")
	interrupted.expect(`\r\x1b\[K.*CANCELLED: interrupted; the task goes on`)
	interrupted.exits(1)

	runClient(t, addr, "run", "hush", "ann")
	for _, each := range []*prompt{p, watch} {
		each.expect(`^\r\x1b\[Kann spoke\r\n$`)
		each.exits(0)
	}
}

// TestInterruptOfFollow: as of run, it cancels the task.
func TestInterruptOfFollow(t *testing.T) {
	t.Parallel()
	addr, _ := startServers(t)
	p := startTerminal(t, t.TempDir(), "task-scheduler", "run", "speak", "bob", "true", "--follow", "--id", "bob", "--server", addr)
	p.expect(`50% half`)
	watch := startTerminal(t, t.TempDir(), "task-scheduler", "watch", "bob", "--server", addr)
	watch.expect(`50% half`)
	p.send("\x03")
	p.expect(`CANCELLED: interrupted \(method speak, id bob\)`)
	p.exits(1)
	watch.expect(`CANCELLED`) // and those who watch don't keep it
	watch.exits(1)
}
