package process_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
	"github.com/taskscheduler/taskscheduler/task"
)

// hostilePlugin is testdata/hostile.c, or what TestAsAnotherUser has made of it.
func hostilePlugin(t *testing.T) string {
	t.Helper()
	if made := os.Getenv(hostileVariable); made != "" {
		return made
	}
	source, err := filepath.Abs("testdata/hostile.c")
	if err != nil {
		t.Fatal(err)
	}
	return plugintest.Compile(t, source)
}

// hostileVariable names a variable with the path of a compiled plugin.
const hostileVariable = "TEST_HOSTILE_PLUGIN"

func TestThreadsAreLimited(t *testing.T) {
	const most = 100
	p := start(t, process.Config{Path: hostilePlugin(t), Limits: sandbox.Limits{Threads: most}})
	v, err := call(t.Context(), p, "threads", task.Int64(5000))
	if n, _ := v.Int64(); err != nil || n < most/2 || n > most {
		t.Errorf("%d threads, %v; want less than %d, for the process has some of its own", n, err, most)
	}
	free := start(t, process.Config{Path: hostilePlugin(t), Limits: sandbox.Limits{Threads: sandbox.Unlimited}})
	v, err = call(t.Context(), free, "threads", task.Int64(200))
	if n, _ := v.Int64(); err != nil || n != 200 {
		t.Errorf("%d threads, %v", n, err)
	}
}

// Processes that a plugin starts count, also those that have left their parent.
func TestThreadsOfProgramsAreLimited(t *testing.T) {
	p := start(t, process.Config{Limits: sandbox.Limits{Programs: true, Threads: 100}})
	got := tryIn(t, p, "leave", "for i in $(seq 300); do sleep 1000 & done 2>/dev/null || echo none")
	if !strings.Contains(got, "exit status") { // the shell gives up
		t.Errorf("it says %s", got)
	}
}

func TestPageTablesAreMemory(t *testing.T) {
	p := start(t, process.Config{Path: hostilePlugin(t)})
	limit := (p.Memory()>>20 + 80) << 20 // with the race detector the process itself takes 100 MiB
	p = start(t, process.Config{Path: hostilePlugin(t), Limits: sandbox.Limits{MemoryBytes: limit}})
	_, err := call(t.Context(), p, "tables", task.Int64(60)) // GiB, with 2 MiB of tables each
	wantError(t, err, task.Internal, fmt.Sprintf("memory limit is %d MiB", limit>>20))
}

func TestFolderIsLimited(t *testing.T) {
	p := start(t, process.Config{Path: hostilePlugin(t), Limits: sandbox.Limits{FolderBytes: 50 << 20}})
	_, err := call(t.Context(), p, "litter", task.Int64(60))
	wantError(t, err, task.Internal, "more than 50 MiB in its working folder")
	p = start(t, process.Config{Limits: sandbox.Limits{FolderBytes: 1 << 20}})
	_, err = call(t.Context(), p, "try", task.String("many files"))
	wantError(t, err, task.Internal, "more than 1 MiB in its working folder")
}

// What only the process sees counts too, and its folder goes with it all the same.
func TestFolderHidesNothing(t *testing.T) {
	p := start(t, process.Config{Path: hostilePlugin(t), Limits: sandbox.Limits{FolderBytes: 100 << 20}})
	_, err := call(t.Context(), p, "map", task.Int64(20))
	wantError(t, err, task.Internal, "more than 100 MiB in its working folder")
	tricks := []string{"bury"}
	if os.Getuid() != 0 { // who may look everywhere
		tricks = append(tricks, "shut")
	}
	for _, trick := range tricks {
		temporary := t.TempDir()
		p = start(t, process.Config{Path: hostilePlugin(t), TempDir: temporary})
		_, err = call(t.Context(), p, trick)
		wantError(t, err, task.Internal, "can't be looked at")
		<-p.Exited()
		if left, err := os.ReadDir(temporary); err != nil || len(left) > 0 {
			t.Errorf("%s leaves %v behind, %v", trick, left, err)
		}
	}
}

// With the network a process may send open files, also to itself.
func TestFilesInSocketsAreNotHidden(t *testing.T) {
	p := start(t, process.Config{Path: hostilePlugin(t), Limits: sandbox.Limits{Network: true, FolderBytes: 20 << 20}})
	_, err := call(t.Context(), p, "send_files", task.Int64(60))
	wantError(t, err, task.Internal, "sent open files through a socket")
}
