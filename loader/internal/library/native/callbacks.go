package native

import (
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/ebitengine/purego"

	"github.com/taskscheduler/taskscheduler/loader/internal/library/abi"
)

// opened is the library that was opened last: what is logged outside of calls is its.
var opened atomic.Pointer[dynamicLibrary] //nolint:gochecknoglobals // a C callback has nothing else to find it by

// taskHost is the ABI's task_host.
type taskHost struct {
	size, version         uint32
	finish, log, progress uintptr
}

// theHost returns the address of the process's only task_host. Callbacks are a
// scarce resource that can't be freed, so there are three for all libraries.
func theHost() uintptr { return uintptr(address(newHost())) }

var newHost = sync.OnceValue(func() *taskHost { //nolint:gochecknoglobals // callbacks are the process's
	return &taskHost{
		size:     uint32(8 + 3*pointer),
		version:  abi.Version,
		finish:   purego.NewCallback(finish),
		log:      purego.NewCallback(writeLog),
		progress: progressCallback(),
	}
})

// finish ends an async call. Its first call counts; ids that are not known, and
// those of calls that have ended, are ignored.
func finish(id uint64, status int32, output uintptr) uintptr {
	p := running.takeAsync(id)
	if p == nil {
		return 0
	}
	p.done(abi.Outcome(memory{}, status, uint64(output)))
	return 0
}

func writeLog(id uint64, level int32, text, n uintptr) uintptr {
	if l := libraryFor(id); l != nil {
		l.services.Log(id, slog.Level(level), abi.Text(memory{}, uint64(text), uint64(n)))
	}
	return 0
}

func reportProgress(id uint64, fraction float64, note, n uintptr) uintptr {
	if l := running.libraryOf(id); l != nil {
		l.services.Progress(id, abi.Fraction(fraction), abi.Text(memory{}, uint64(note), uint64(n)))
	}
	return 0
}

// libraryFor returns the library that a line of the log belongs to; nil: ignore it.
func libraryFor(id uint64) *dynamicLibrary {
	if id == 0 {
		return opened.Load()
	}
	return running.libraryOf(id)
}
