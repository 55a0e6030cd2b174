package cmd_test

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// serviceManager is what systemd is to a service of Type=notify.
type serviceManager struct {
	t    *testing.T
	conn *net.UnixConn
}

func newServiceManager(t *testing.T, socket string) *serviceManager {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: socket, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return &serviceManager{t, conn}
}

// await returns the first message that matches, and those before it.
func (m *serviceManager) await(pattern string) (message string, before []string) {
	m.t.Helper()
	if err := m.conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		m.t.Fatal(err)
	}
	matches := regexp.MustCompile("(?m)" + pattern).MatchString
	var buffer [4096]byte
	for {
		n, err := m.conn.Read(buffer[:])
		if err != nil {
			m.t.Fatalf("no message matches %s: %v; there were %q", pattern, err, before)
		}
		if message = string(buffer[:n]); matches(message) {
			return message, before
		}
		before = append(before, message)
	}
}

// TestServiceManagerIsTold: systemd's Type=notify, with a watchdog and reloads.
// What the server runs for others has nothing to tell.
func TestServiceManagerIsTold(t *testing.T) {
	t.Parallel()
	library := plugintest.Compile(t, plugintest.Example(t, "c"))
	for name, socket := range map[string]string{
		"file":     filepath.Join(t.TempDir(), "notify"),
		"abstract": "@task-scheduler-" + strconv.Itoa(os.Getpid()),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			manager, dir := newServiceManager(t, socket), t.TempDir()
			if _, err := install(library, filepath.Join(dir, "libraries"), "math"); err != nil {
				t.Fatal(err)
			}
			s := &serverProcess{env: append(os.Environ(), "GORACE=atexit_sleep_ms=0", "TASK_SCHEDULER_ADMIN_ADDR=127.0.0.1:0")}
			t.Cleanup(s.kill)
			addr, err := s.start(dir, []string{"NOTIFY_SOCKET=" + socket, "WATCHDOG_USEC=200000"},
				[]string{"--addr", "127.0.0.1:0", "--log-dir=", "--drain-timeout", "7s"})
			if err != nil {
				t.Fatal(err)
			}
			_, before := manager.await(`^READY=1$`)
			for _, message := range before {
				if !strings.Contains(message, "STATUS=loading plugins: 0 tasks run") {
					t.Errorf("before it is ready it tells %q", message)
				}
			}
			before = children(t, s.process.Process.Pid)
			if len(before) == 0 {
				t.Error("it is ready before its plugins are loaded")
			}
			manager.await(`^STATUS=serving at ` + regexp.QuoteMeta(addr) + `: 0 tasks run, 0 wait\nWATCHDOG=1$`)
			checkInheritNothing(t, before)

			if err := s.process.Process.Signal(syscall.SIGHUP); err != nil {
				t.Fatal(err)
			}
			manager.await(`^RELOADING=1\nMONOTONIC_USEC=\d+$`)
			manager.await(`^READY=1$`)
			if !slices.ContainsFunc(children(t, s.process.Process.Pid), func(pid string) bool { return !slices.Contains(before, pid) }) {
				t.Error("it is ready again before it has reloaded")
			}

			if err := s.process.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			manager.await(`^STOPPING=1\nEXTEND_TIMEOUT_USEC=22000000$`)
			if code, err := s.wait(); code != 0 || err != nil {
				t.Errorf("it exits with %d, %v", code, err)
			}
		})
	}
}

// children are the processes of plugins.
func children(t *testing.T, pid int) (pids []string) {
	t.Helper()
	threads, err := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/children")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range threads {
		text, _ := os.ReadFile(path) // the thread may have ended
		pids = append(pids, strings.Fields(string(text))...)
	}
	return pids
}

func checkInheritNothing(t *testing.T, pids []string) {
	t.Helper()
	for _, pid := range pids {
		environment, err := os.ReadFile("/proc/" + pid + "/environ")
		if err != nil || bytes.Contains(environment, []byte("NOTIFY_SOCKET")) || bytes.Contains(environment, []byte("WATCHDOG")) {
			t.Errorf("a plugin's process has the environment %q, %v", environment, err)
		}
	}
}
