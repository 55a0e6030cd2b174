//go:build partition

package faulttest

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// clockEnv has what a program that newClock builds adds to its clock.
const clockEnv = "FAULTTEST_CLOCK"

// newClock builds this binary with a clock that can be set, and returns its name.
func newClock(t *testing.T) string {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	const now, add = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n", "\tsec += shift\n"
	return newVariant(t, "v999",
		change{file, "import (\n", "import (\n\t\"syscall\"\n"},
		change{file, now, `var shift = readShift()

func readShift() int64 {
	text, _ := syscall.Getenv("` + clockEnv + `")
	d, _ := ParseDuration(text)
	return int64(d / Second)
}

` + now + add})
}

// TestTrioFailsByItsClocks: the clocks of three nodes are a minute apart. Nothing is
// lost, nobody is taken for dead, who dies is taken over after the lease, results are
// kept, and a task begins at its time by the clock of the node that it
// was submitted to.
func TestTrioFailsByItsClocks(t *testing.T) {
	program := newClock(t)
	shifts := []time.Duration{-time.Minute, 0, time.Minute}
	c := newTrio(t)
	for i, n := range c {
		n.program, n.env = program, []string{clockEnv + "=" + shifts[i].String()}
	}
	c.start(t)
	l := newLoad(c...)
	l.under(t, func() { l.await(t, 200) })
	l.look(t)
	for i, n := range c {
		const later = 2 * time.Second
		begun := time.Now()
		request := &pb.TaskRequest{Method: "mark", Args: arguments(0), StartAt: timestamppb.New(begun.Add(shifts[i] + later))}
		if _, err := n.submit(t, request); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begun); took < later-time.Second/2 || took > later+time.Minute/2 {
			t.Errorf("by a clock that is off by %s it begins after %s", shifts[i], took)
		}
		if strings.Contains(n.said(), "taken this one for dead") {
			t.Errorf("it was taken for dead: %s", n.said())
		}
	}
	l.under(t, func() {
		c[2].kill()
		for _, n := range c[:2] {
			n.until(t, "they take it for dead", func(info *pb.NodeInfo) bool { return alive(info) == 1 })
		}
		l.await(t, 50)
		c[2].mustStart(t)
	})
	c.settle(t)
	l.look(t)
	c.settled(t, l)
}
