package main_test

import (
	"bytes"
	"net"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
	"testing"

	"github.com/taskscheduler/taskscheduler/client"
)

// TestEmbed builds the program, calls its task and stops it as an operator
// would.
func TestEmbed(t *testing.T) {
	t.Parallel()
	program := filepath.Join(t.TempDir(), "embed")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	if text, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, text)
	}

	addr := freeAddr(t)
	var console bytes.Buffer
	process := exec.CommandContext(t.Context(), program)
	process.Env = append(process.Environ(), "ADDR="+addr, "ADMIN_ADDR=off")
	process.Stdout, process.Stderr = &console, &console
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	call(t, addr)
	if err := process.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := process.Wait(); err != nil {
		t.Errorf("want exit code 0 after SIGTERM, got %v:\n%s", err, &console)
	}
}

// call asks the program for its tasks and runs the one that it has.
func call(t *testing.T, addr string) {
	t.Helper()
	// Many attempts: the program may take a moment to listen.
	c, err := client.New(client.Config{Addr: addr, Attempts: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	node, err := c.Node(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"greet"}; !slices.Equal(node.Methods, want) {
		t.Errorf("methods %q, want %q", node.Methods, want)
	}
	if got, err := c.Run(t.Context(), "greet", "Ada"); err != nil || got != "Hello, Ada!" {
		t.Errorf("greet: %q, %v", got, err)
	}
}

// freeAddr returns an address that nobody listens at.
func freeAddr(t *testing.T) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
