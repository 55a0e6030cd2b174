//go:build unix

package cmd_test

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/taskscheduler/taskscheduler/client"
)

// The reader of the console's lines may end; the server goes on.
func TestServerOutlivesTheReaderOfItsLog(t *testing.T) {
	t.Parallel()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	printed := newTranscript()
	process := exec.CommandContext(t.Context(), "task-scheduler", "--addr", "127.0.0.1:0", "--admin-addr", "off",
		"--log-dir=", "--log-level", "debug")
	process.Dir = t.TempDir()
	process.Stdout, process.Stderr = printed, write
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	exited := make(chan error, 1)
	go func() { exited <- process.Wait(); printed.end() }()
	match, err := printed.await(listening.String())
	if err != nil {
		t.Fatal(err)
	}
	write.Close()
	read.Close()
	c, err := client.New(client.Config{Addr: match[1]})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 2 { // each writes a line
		if got, err := c.Run(t.Context(), "add", 1, 2); err != nil || got != "3" {
			t.Fatalf("got %q, %v", got, err)
		}
	}
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-exited; err != nil {
		t.Errorf("the server ended with %v", err)
	}
}
