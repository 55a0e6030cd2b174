package cmd_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// adminAddr waits until the script's server listens for operators, and has the
// commands after it call it there.
func adminAddr(ts *testscript.TestScript, args []string) {
	if len(args) != 0 {
		ts.Fatalf("usage: adminaddr")
	}
	addr, err := serverOf(ts).adminAddr()
	ts.Check(err)
	ts.Setenv("TASK_SCHEDULER_ADMIN_ADDR", addr)
}

func (s *serverProcess) adminAddr() (string, error) {
	match, err := s.stderr.await(`admin listens addr=(\S+)`)
	if err != nil {
		return "", err
	}
	return match[1], nil
}

// installer returns the command that puts the example plugin in C, built once,
// into the library directory under a name.
func installer(t *testing.T) func(*testscript.TestScript, []string) {
	t.Helper()
	built := sync.OnceValue(func() string { return plugintest.Compile(t, plugintest.Example(t, "c")) })
	return func(ts *testscript.TestScript, args []string) {
		if len(args) != 1 {
			ts.Fatalf("usage: plugin NAME")
		}
		_, err := install(built(), ts.MkAbs("libraries"), args[0])
		ts.Check(err)
	}
}

// install puts a library into dir as a plugin of that name, whole at once.
func install(library, dir, name string) (path string, err error) {
	content, err := os.ReadFile(library)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	path = filepath.Join(dir, "lib"+name+filepath.Ext(library))
	if err := os.WriteFile(filepath.Join(dir, ".new"), content, 0o600); err != nil {
		return "", err
	}
	return path, os.Rename(filepath.Join(dir, ".new"), path)
}
