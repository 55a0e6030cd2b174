package process

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"syscall"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
)

// child is what a child process knows of itself; nil in any other.
var child *childState //nolint:gochecknoglobals // it is a property of the process

type childState struct {
	options options
	in, out *os.File
}

// Prepare makes a process that [Start] has started a child, up to where the
// library is loaded: it is confined, and its standard streams are out of
// reach. In any other process it does nothing. It is for an init, so that what
// other inits and main print does no harm, and so that it is on the thread that
// the process began with.
func Prepare() {
	const given = 2
	if len(os.Args) != given+1 || os.Args[0] != childName || child != nil {
		return
	}
	child = &childState{}
	err := json.Unmarshal([]byte(os.Args[given]), &child.options)
	if err == nil {
		err = child.prepare()
	}
	if err != nil {
		exit(err)
	}
}

func (c *childState) prepare() error {
	if err := dieWithParent(c.options.Parent); err != nil {
		return err
	}
	if !c.options.Confined {
		if err := confine(&c.options, os.Args[1]); err != nil {
			return err
		}
	}
	var err error
	if c.in, c.out, err = takeStreams(); err != nil {
		return fmt.Errorf("moving the standard streams away: %w", err)
	}
	return nil
}

// Main loads the file with open in a child process, serves it, and never
// returns. In any other process it returns at once. It must not be called from
// an init: the runtime holds up callbacks from a library's own threads until
// all of those have returned.
func Main(open library.Open) {
	linked.Store(true)
	Prepare()
	if child == nil {
		return
	}
	const sparing = 400 // the heap is small: collecting it each time it doubles costs more than it saves
	debug.SetGCPercent(sparing)
	s := newServer(child.options, child.out)
	s.notes = slices.Concat(child.options.Notes, prepare(child.options.Limits))
	exit(s.run(child.in, open))
}

// exit ends the process at once: there is nothing that os.Exit would have to
// see to.
func exit(err error) {
	if err == nil {
		syscall.Exit(0)
	}
	fmt.Fprintf(os.Stderr, "plugin %s: %v\n", os.Args[1], err)
	syscall.Exit(1)
}
