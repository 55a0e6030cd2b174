// Package abi knows how the plugin ABI (abi/task_plugin.h) lies in memory:
// arguments are laid out by [Put], outputs are read by [Read], a plugin's table
// by [ReadPlugin]. Native libraries and WebAssembly modules share the layout and
// differ in what an address is, which a [Memory] hides.
//
// Nothing that a plugin wrote is trusted: counts are held against a limit before
// they are multiplied, text must be UTF-8, nesting ends.
package abi

import (
	"encoding/binary"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// Version is the ABI's major version. A plugin of another one is refused.
const Version = 1

// Magic is what a task_plugin begins with, by which it is told from what another
// init_plugin returns: "TSKPLGN1" in memory.
const Magic = 0x314e474c504b5354

// Async is the flag of tasks that may answer [Pending].
const Async = 1

// Pending is the status of a task that answers later, by the host's finish.
const Pending = 100

// Sizes of the ABI's structs, in bytes; those that are not here depend on how
// wide a pointer is.
const (
	ValueSize = 24 // task_value
	CallSize  = 48 // task_call
)

// Limits on what a plugin may hand over.
const (
	// MaxOutput is how many bytes an output may take, 24 for each value inside
	// and the bytes of its strings.
	MaxOutput = 64 << 20
	// MaxTasks is how many tasks a plugin may offer.
	MaxTasks = 4096
	// MaxName is how many bytes a task's name may have. With a plugin's name and
	// "::" before it, it has to fit task.MaxNameLength.
	MaxName = 128
	// MaxEntry is how many bytes a plugin may say that an entry of its table has.
	MaxEntry = 4096
	// MaxVersion and MaxDoc are how many bytes of a plugin's version, and of what it
	// and each task say of themselves, are kept.
	MaxVersion = 128
	MaxDoc     = 4 << 10
	// MaxText is how many bytes of a log line, a note or an error message are kept.
	MaxText = 64 << 10
)

// Memory is what a plugin's addresses point into.
type Memory interface {
	// View returns the n bytes at an address, shared with the plugin, or false
	// where it has no such memory. Zero bytes are nil, whatever the address.
	View(address, n uint64) ([]byte, bool)
}

// order is WebAssembly's, and that of every processor that plugins run on.
var order = binary.LittleEndian //nolint:gochecknoglobals // a constant that Go has no syntax for

// Outcome says what a task's status and the output at an address come to; a null
// address is a null value. A status or an output that the ABI does not allow is a
// failure with a message for the plugin's author.
func Outcome(m Memory, status int32, output uint64) (library.Status, task.Value) {
	switch s := library.Status(status); s {
	case library.OK:
		if output == 0 {
			return library.OK, task.Null()
		}
		v, err := Read(m, output)
		if err != nil {
			return Failuref("the task's output is invalid: %v", err)
		}
		return library.OK, v
	case library.Failed, library.Retry, library.BadArguments:
		return s, message(m, output)
	case library.Cancelled:
		return library.Cancelled, task.Null()
	default:
		return Failuref("the task returned status %d, which the ABI does not have", status)
	}
}
