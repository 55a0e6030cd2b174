package process_test

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/open"
	"github.com/taskscheduler/taskscheduler/task"
)

// A fake is a library whose tasks are Go functions, in a real child process.
type fake struct {
	path     string
	services library.Services
	mu       sync.Mutex
	waiting  map[uint64]chan struct{} // calls that a cancel ends
}

type fakeTask struct {
	name string
	run  func(f *fake, c *library.Call, done func(library.Status, task.Value))
}

// openFake opens the fake library; what is after a colon in path goes wrong.
func openFake(path string, services library.Services) (library.Library, error) {
	if strings.HasSuffix(path, ".so") {
		return open.File(path, services)
	}
	f := &fake{path: path, services: services, waiting: map[uint64]chan struct{}{}}
	fmt.Println("opening", path) //nolint:forbidigo // no library's output may break the protocol
	switch path {
	case "fake:hang":
		<-time.After(time.Hour) // an empty select would be found to be a deadlock
	case "fake:refuse":
		return nil, errors.New("the library exports no function init_plugin")
	case "fake:exit":
		syscall.Exit(3)
	case "fake:abort":
		die("abort")
	case "fake:panic":
		panic("no good")
	case "fake:logs":
		services.Log(0, slog.LevelWarn, "from init")
	}
	return f, nil
}

func (f *fake) Describe() library.Description {
	var infos []library.TaskInfo
	for _, t := range fakeTasks {
		infos = append(infos, library.TaskInfo{Name: t.name, Async: t.name == "wait", Signature: signatures[t.name]})
	}
	switch f.path {
	case "fake:twice":
		infos = append(infos, infos[0])
	case "fake:name":
		infos = append(infos, library.TaskInfo{Name: "no name"})
	case "fake:none":
		infos = nil
	case "fake:signature":
		infos[0].Signature = "(a: int32,) -> null"
	}
	return library.Description{Version: "1.2.3", Doc: "A fake.", Tasks: infos}
}

func (f *fake) Call(c *library.Call, done func(library.Status, task.Value)) {
	fakeTasks[c.Task].run(f, c, done)
}

func (f *fake) Cancel(id uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ended := f.waiting[id]; ended != nil {
		close(ended)
		delete(f.waiting, id)
	}
}

func (f *fake) Close() {
	fmt.Fprintln(os.Stderr, "shutting down")
	if f.path == "fake:stays" {
		<-time.After(time.Hour)
	}
}

var (
	sink  int
	hoard [][]byte
)

var signatures = map[string]string{"typed": "(numbers:int64...)->list<string>"}

var fakeTasks = []fakeTask{
	{"echo", func(_ *fake, c *library.Call, done func(library.Status, task.Value)) {
		if len(c.Args) == 1 {
			done(library.OK, c.Args[0])
			return
		}
		done(library.OK, task.ListOf(c.Args...))
	}},
	{"describe", func(_ *fake, c *library.Call, done func(library.Status, task.Value)) {
		left := time.Until(c.Deadline)
		if c.Deadline.IsZero() {
			left = 0
		}
		done(library.OK, task.String(fmt.Sprintf("%s, attempt %d, %.0f minutes left", c.TaskID, c.Attempt, left.Minutes())))
	}},
	{"answer", func(_ *fake, c *library.Call, done func(library.Status, task.Value)) {
		status, _ := c.Args[0].Int32()
		done(library.Status(status), c.Args[1])
	}},
	{"result", func(_ *fake, c *library.Call, done func(library.Status, task.Value)) {
		kind, _ := c.Args[0].Str()
		done(library.OK, badResults[kind]())
	}},
	{"twice", func(_ *fake, _ *library.Call, done func(library.Status, task.Value)) {
		done(library.OK, task.String("first"))
		done(library.OK, task.String("second"))
		done(library.Failed, task.String("third"))
	}},
	{"wait", func(f *fake, c *library.Call, done func(library.Status, task.Value)) {
		ended := make(chan struct{})
		f.mu.Lock()
		f.waiting[c.ID] = ended
		f.mu.Unlock()
		f.services.Progress(c.ID, 0.5, "waiting")
		go func() {
			<-ended
			done(library.Cancelled, task.Null())
		}()
	}},
	{"finish", func(f *fake, _ *library.Call, done func(library.Status, task.Value)) {
		f.mu.Lock()
		waiting := slices.Collect(maps.Keys(f.waiting))
		f.mu.Unlock()
		for _, id := range waiting {
			f.Cancel(id)
		}
		done(library.OK, task.Null())
	}},
	{"ignore", func(f *fake, c *library.Call, _ func(library.Status, task.Value)) {
		f.services.Progress(c.ID, 0, "ignoring")
		select {}
	}},
	{"spin", func(f *fake, c *library.Call, _ func(library.Status, task.Value)) {
		f.services.Progress(c.ID, 0, "spinning")
		for i := 0; ; i++ {
			sink = i
		}
	}},
	{"panic", func(*fake, *library.Call, func(library.Status, task.Value)) { panic("oh no") }},
	{"die", func(_ *fake, c *library.Call, _ func(library.Status, task.Value)) {
		how, _ := c.Args[0].Str()
		die(how)
		select {}
	}},
	{"print", func(_ *fake, c *library.Call, done func(library.Status, task.Value)) {
		text, _ := c.Args[0].Bytes()
		times, _ := c.Args[1].Int32()
		printEverywhere(strings.Repeat(string(text), int(times)))
		done(library.OK, task.Null())
	}},
	{"log", func(f *fake, c *library.Call, done func(library.Status, task.Value)) {
		level, _ := c.Args[0].Int32()
		text, _ := c.Args[1].Str()
		f.services.Log(c.ID, slog.Level(level), text)
		done(library.OK, task.Null())
	}},
	{"progress", func(f *fake, c *library.Call, done func(library.Status, task.Value)) {
		for _, fraction := range []float64{0.25, -1, 2, 0.75} {
			f.services.Progress(c.ID, fraction, "note")
		}
		done(library.OK, task.Null())
	}},
	{"hoard", func(*fake, *library.Call, func(library.Status, task.Value)) {
		for {
			hoard = append(hoard, slices.Repeat([]byte{1}, 1<<20))
		}
	}},
	{"try", func(_ *fake, c *library.Call, done func(library.Status, task.Value)) {
		what, _ := c.Args[0].Str()
		with := ""
		if len(c.Args) > 1 {
			with, _ = c.Args[1].Str()
		}
		done(library.OK, task.String(try(what, with)))
	}},
	{"typed", func(_ *fake, c *library.Call, done func(library.Status, task.Value)) {
		kinds := make([]task.Value, len(c.Args))
		for i, arg := range c.Args {
			kinds[i] = task.String(arg.Kind().String())
		}
		done(library.OK, task.ListOf(kinds...))
	}},
}

// badResults are what no library should return.
var badResults = map[string]func() task.Value{
	"bad UTF-8": func() task.Value { return task.String("\xff") },
	"bad key":   func() task.Value { return task.MapOf(map[string]task.Value{"\xff": task.Null()}) },
	"1 GB":      func() task.Value { return task.Bytes(make([]byte, 1<<30)) },
	"too many":  func() task.Value { return task.ListOf(make([]task.Value, 2<<20)...) },
	"too deep": func() task.Value {
		v := task.Null()
		for range task.MaxDepth + 1 {
			v = task.ListOf(v)
		}
		return v
	},
}
