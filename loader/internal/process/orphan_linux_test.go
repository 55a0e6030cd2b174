package process_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
	"github.com/taskscheduler/taskscheduler/task"
)

const parentName = "parent-to-be-killed"

// beParent makes the process a parent that starts children, tells their ids,
// and waits to be killed.
func beParent() {
	if os.Args[0] != parentName {
		return
	}
	config := process.Config{Name: "orphan", Path: "fake", Logger: slog.New(slog.DiscardHandler), TempDir: os.Args[1]}
	for _, busy := range []string{"", "spin", "ignore"} {
		began := make(chan string, 1)
		p, err := process.Start(context.Background(), config)
		if err != nil {
			panic(err)
		}
		if busy != "" {
			go func() { _, _ = call(telling(context.Background(), began), p, busy) }()
			<-began
		}
		fmt.Println(p.PID()) //nolint:forbidigo // the test reads it
	}
	go func() {
		_, _ = process.Start(context.Background(), process.Config{Name: "late", Path: "fake:hang", TempDir: os.Args[1]})
	}()
	fmt.Println("ready") //nolint:forbidigo // the test reads it
	select {}
}

func TestNoOrphanStays(t *testing.T) {
	parent := exec.CommandContext(t.Context(), "/proc/self/exe")
	parent.Args = []string{parentName, t.TempDir()}
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	var children []unix.PollFd
	for lines := bufio.NewScanner(out); lines.Scan() && lines.Text() != "ready"; {
		var pid int
		if _, err := fmt.Sscan(lines.Text(), &pid); err != nil {
			t.Fatalf("%q: %v", lines.Text(), err)
		}
		fd, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = unix.Close(fd) })
		children = append(children, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
	}
	if len(children) != 3 {
		t.Fatalf("%d children", len(children))
	}
	if err := parent.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // it was killed
	const milliseconds = 180_000
	for i := range children {
		if n, err := poll(children[i:i+1], milliseconds); n != 1 {
			t.Errorf("child %d is still there (%v)", i+1, err)
		}
	}
}

func poll(fds []unix.PollFd, milliseconds int) (n int, err error) {
	for {
		if n, err = unix.Poll(fds, milliseconds); !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

func TestWhatALibraryHasStartedEndsWithIt(t *testing.T) {
	lines := make(chan string, 100)
	p := start(t, process.Config{Limits: sandbox.Limits{Programs: true}, Logger: logTo(lines)})
	_, _ = call(t.Context(), p, "try", task.String("leave"), task.String("sleep 1000 & echo started $!"))
	var pid int
	line := await(t, lines, "text=\"started ")
	_, started, _ := strings.Cut(line, "started ")
	if _, err := fmt.Sscan(strings.Trim(started, `"`), &pid); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	p.Kill(errKilled)
	_ = awaitExit(t, p)
	const milliseconds = 180_000
	if n, err := poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, milliseconds); n != 1 {
		t.Errorf("the program is still there (%v)", err)
	}
}
