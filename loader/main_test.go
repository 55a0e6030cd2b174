package loader

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/internal/logtest"
	"github.com/taskscheduler/taskscheduler/internal/plugintest"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestMain(m *testing.M) {
	BecomePlugin()
	flag.Parse()
	_ = flag.Set("test.parallel", "8") // they wait for files to come to rest, most of the time
	goleak.VerifyTestMain(m)
}

// testPatience is for machines that are busy with something else: under the race
// detector it takes minutes there to compile a module.
const testPatience = 10 * time.Minute

// A bench is a loader that runs, with the directory that it watches.
type bench struct {
	*Loader

	t      *testing.T
	dir    string
	tasks  *task.Registry
	log    *logtest.Buffer
	notes  chan string // task ids of calls that tell that they run
	fences int

	mu     sync.Mutex
	events []Event
	news   chan struct{} // closed, and made anew, with each event
	read   int           // events that await has passed
}

// teller notes that a call of a task runs.
type teller struct {
	bench *bench
	name  string
}

func (t teller) Progress(int, float64, string) { t.bench.notes <- "call of " + t.name }
func (t teller) Log(int, slog.Level, string)   {}

// newBench runs a loader until the test ends; then it makes sure that no child
// process is left.
func newBench(t *testing.T, change ...func(*Config)) *bench {
	t.Helper()
	b := &bench{
		t: t, dir: filepath.Join(t.TempDir(), "libraries"), tasks: new(task.Registry), log: new(logtest.Buffer),
		notes: make(chan string, 1000), news: make(chan struct{}),
	}
	if err := os.Mkdir(b.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	config := Config{
		Dir: b.dir, Tasks: b.tasks, DirCheck: true, TempDir: t.TempDir(), Notify: b.note,
		Logger:      slog.New(slog.NewTextHandler(b.log, nil)),
		LoadTimeout: testPatience, // Ready waits as long
	}
	for _, change := range change {
		change(&config)
	}
	l, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	b.Loader, b.dir = l, config.Dir
	l.restartPatience = testPatience
	return b
}

// run starts the loader and waits until it is ready.
func (b *bench) run() *bench {
	b.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	b.t.Cleanup(func() {
		cancel()
		select {
		case err := <-done:
			if err != nil {
				b.t.Error(err)
			}
		case <-time.After(testPatience):
			b.t.Error("the loader does not end")
		}
		for _, child := range b.children() {
			b.t.Errorf("process %s was left", child)
		}
		if left, _ := os.ReadDir(b.config.TempDir); len(left) > 0 {
			b.t.Errorf("%s was left in the folder for temporary files", left[0])
		}
		if tasks := b.tasks.Tasks(); len(tasks) > 0 {
			b.t.Errorf("task %s was left", tasks[0].Name)
		}
		if b.t.Failed() {
			b.t.Logf("the log:\n%s", b.log)
		}
	})
	select {
	case <-b.Ready():
	case <-time.After(testPatience):
		b.t.Fatal("the loader does not get ready")
	}
	return b
}

// children lists the processes that run copies of b's plugins, where the system tells.
func (b *bench) children() []string {
	var found []string
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		if text, err := os.ReadFile(file); err == nil && bytes.Contains(text, []byte(b.config.TempDir)) {
			found = append(found, file)
		}
	}
	return found
}

// gone waits until a process is no more.
func (b *bench) gone(pid int) {
	b.t.Helper()
	process, err := os.FindProcess(pid)
	b.check(err)
	deadline := time.After(testPatience)
	for process.Signal(syscall.Signal(0)) == nil {
		select {
		case <-deadline:
			b.t.Fatalf("process %d does not end", pid)
		default:
			runtime.Gosched()
		}
	}
}

func (b *bench) note(e Event) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.events = append(b.events, e)
	close(b.news)
	b.news = make(chan struct{})
}

// await waits for the next event of that kind about that plugin, and returns it.
func (b *bench) await(kind EventKind, plugin string) Event {
	b.t.Helper()
	deadline := time.After(testPatience)
	for {
		b.mu.Lock()
		for b.read < len(b.events) {
			e := b.events[b.read]
			b.read++
			if e.Kind == kind && e.Plugin == plugin {
				b.mu.Unlock()
				return e
			}
		}
		news := b.news
		b.mu.Unlock()
		select {
		case <-news:
		case <-deadline:
			b.t.Fatalf("no event %q about %q came; there were %v\nthe log:\n%s", kind, plugin, b.kinds(plugin), b.log)
		}
	}
}

// awaitAny waits until an event of that kind about that plugin has come, be it
// before events that await has passed.
func (b *bench) awaitAny(kind EventKind, plugin string) {
	b.t.Helper()
	deadline := time.After(testPatience)
	for {
		b.mu.Lock()
		news := b.news
		found := slices.ContainsFunc(b.events, func(e Event) bool { return e.Kind == kind && e.Plugin == plugin })
		b.mu.Unlock()
		if found {
			return
		}
		select {
		case <-news:
		case <-deadline:
			b.t.Fatalf("no event %q about %q came\nthe log:\n%s", kind, plugin, b.log)
		}
	}
}

// kinds lists what has happened to a plugin: "loaded reloaded".
func (b *bench) kinds(plugin string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var kinds []string
	for _, e := range b.events {
		if e.Plugin == plugin {
			kinds = append(kinds, string(e.Kind))
		}
	}
	return strings.Join(kinds, " ")
}

// expect checks that just these things, in this order, have happened to a
// plugin. What was done to its file before has taken effect by then: a file
// that is put there now is loaded first.
func (b *bench) expect(plugin, kinds string) {
	b.t.Helper()
	b.stall()
	if got := b.kinds(plugin); got != kinds {
		b.t.Errorf("events about %s: %q, want %q", plugin, got, kinds)
	}
}

// path returns the path of a file in the library directory.
func (b *bench) path(file string) string { return filepath.Join(b.dir, file) }

// put moves a file with that content into the library directory.
func (b *bench) put(file string, content []byte) {
	b.t.Helper()
	temporary := filepath.Join(b.t.TempDir(), file)
	write(b.t, temporary, content)
	if err := os.Rename(temporary, b.path(file)); err != nil {
		b.t.Fatal(err)
	}
}

// create opens the math plugin's file to write it.
func (b *bench) create(flag int) *os.File {
	b.t.Helper()
	file, err := os.OpenFile(b.path(math), os.O_WRONLY|os.O_CREATE|flag, 0o644)
	b.check(err)
	return file
}

func (b *bench) append(file *os.File, content []byte) {
	b.t.Helper()
	_, err := file.Write(content)
	b.check(err)
}

// outside writes a file beside the library directory, in a folder of its own.
func (b *bench) outside(name string, content []byte) string {
	b.t.Helper()
	folder, err := os.MkdirTemp(filepath.Dir(b.dir), "outside")
	b.check(err)
	write(b.t, filepath.Join(folder, name), content)
	return filepath.Join(folder, name)
}

// remove removes a file from the library directory, if it is there.
func (b *bench) remove(file string) {
	b.t.Helper()
	if err := os.Remove(b.path(file)); err != nil && !os.IsNotExist(err) {
		b.t.Fatal(err)
	}
}

// stall lets so much time go by that a file counts as settled: that of another one.
func (b *bench) stall() {
	b.t.Helper()
	b.fences++
	name := fmt.Sprintf("fence%d", b.fences)
	b.put("lib"+name+nativeEnding, fixture(b.t, 0, "ok"))
	b.awaitAny(EventLoaded, name)
}

func (b *bench) check(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func write(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// call calls a task like the scheduler does.
func (b *bench) call(ctx context.Context, name string, args ...task.Value) (string, error) {
	found := b.tasks.Lookup(name)
	if found == nil {
		return "", task.Errorf(task.NotFound, "Method not found: %s", name)
	}
	ctx, cancel := context.WithTimeout(ctx, testPatience)
	defer cancel()
	value, err := found.Run(task.WithCall(ctx, task.Call{ID: "call of " + name, Attempt: 1, Reporter: teller{b, name}}), args)
	if err != nil {
		return "", err
	}
	return value.Text()
}

// serves checks that the plugin answers with that version.
func (b *bench) serves(plugin string, version int) {
	b.t.Helper()
	got, err := b.call(b.t.Context(), plugin+"::version")
	if want := fmt.Sprintf("%08d", version); err != nil || got != want {
		b.t.Errorf("%s::version: got %q and %v, want %q", plugin, got, err, want)
	}
}

// fails checks that a call fails with that code and with all parts in its message.
func (b *bench) fails(err error, code task.Code, parts ...string) {
	b.t.Helper()
	if err == nil || task.ErrorOf(err).Code != code {
		b.t.Errorf("got the error %v, want one with code %s", err, code)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			b.t.Errorf("got the error %q, want it to contain %q", err, part)
		}
	}
}

// plugin returns what Plugins tells about a plugin.
func (b *bench) plugin(name string) Plugin {
	b.t.Helper()
	for _, p := range b.Plugins() {
		if p.Name == name {
			return p
		}
	}
	b.t.Fatalf("there is no plugin %s", name)
	return Plugin{}
}

// testLibrary is the fixture, built once.
var testLibrary struct {
	once    sync.Once
	content []byte
}

// fixture returns the library of testdata/fixture.c with a version and a mode;
// each pair is another file.
func fixture(t *testing.T, version int, mode string) []byte {
	t.Helper()
	testLibrary.once.Do(func() {
		content, err := os.ReadFile(plugintest.Compile(t, filepath.Join("testdata", "fixture.c")))
		if err != nil {
			t.Fatal(err)
		}
		testLibrary.content = content
	})
	if testLibrary.content == nil {
		t.Skip("there is no C compiler to build plugins with; the tests with WebAssembly run all the same")
	}
	content := bytes.Clone(testLibrary.content)
	mark(t, content, "FIXTURE-VERSION=", fmt.Sprintf("%08d", version))
	mark(t, content, "FIXTURE-MODE=", fmt.Sprintf("%-8s", mode))
	return content
}

func mark(t *testing.T, content []byte, mark, value string) {
	t.Helper()
	at := bytes.Index(content, []byte(mark))
	if at < 0 || bytes.Contains(content[at+1:], []byte(mark)) {
		t.Fatalf("the fixture must contain %q once", mark)
	}
	copy(content[at+len(mark):], value)
}
