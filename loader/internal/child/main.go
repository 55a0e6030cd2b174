// Package child is a plugin's process as it sees itself. It is the same binary
// as the server, started again under another name, by which [Prepare] and [Main]
// know it; in any other process they do nothing. It confines itself, loads its
// file, and answers the calls that come over what was its standard input.
package child

import (
	"encoding/json"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"syscall"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

// self is what a child process knows of itself; nil in any other.
var self *prepared //nolint:gochecknoglobals // it is a property of the process

// linked is set once Main has been called.
var linked atomic.Bool //nolint:gochecknoglobals // it is a property of the binary

// Linked tells whether this binary can be a child: whether its main calls Main.
func Linked() bool { return linked.Load() }

type prepared struct {
	options Options
	in, out *os.File
}

// Prepare makes a process that was started with [Command] a child, up to where
// the library is loaded: it is confined, and its standard streams are out of
// reach. In any other process it does nothing. It is for an init, so that what
// other inits and main print does no harm, and so that it is on the thread that
// the process began with.
func Prepare() {
	const given = 2
	if len(os.Args) != given+1 || os.Args[0] != processName || self != nil {
		return
	}
	self = &prepared{}
	err := json.Unmarshal([]byte(os.Args[given]), &self.options)
	if err == nil {
		err = self.prepare()
	}
	if err != nil {
		exit(err)
	}
}

func (p *prepared) prepare() error {
	if err := dieWithParent(p.options.Parent); err != nil {
		return err
	}
	if !p.options.Confined {
		if err := sandbox.Confine(p.options.Limits, p.options.Path, p.options.Clones, p.startAnew); err != nil {
			return err
		}
	}
	var err error
	if p.in, p.out, err = takeStreams(); err != nil {
		return fmt.Errorf("moving the standard streams away: %w", err)
	}
	return nil
}

// startAnew replaces the process by one that is confined from its beginning.
func (p *prepared) startAnew(notes []string) error {
	p.options.Confined, p.options.Notes = true, notes
	path, args, err := Command(os.Args[1], p.options)
	if err == nil {
		err = syscall.Exec(path, args, []string{})
	}
	return fmt.Errorf("starting the confined process: %w", err)
}

// Main loads the file with open in a child process, serves it, and never
// returns. In any other process it returns at once. A program that loads plugins
// calls it first thing in main: whatever comes before is done in each child too.
// It must not be called from an init: the runtime holds up callbacks from a
// library's own threads until all of those have returned.
func Main(open library.Open) {
	linked.Store(true)
	Prepare()
	if self == nil {
		return
	}
	const sparing = 400 // the heap is small: collecting it each time it doubles costs more than it saves
	debug.SetGCPercent(sparing)
	widenPipe(self.in) // the sandbox may forbid it
	s := newServer(self.options, self.out)
	s.notes = slices.Concat(self.options.Notes, sandbox.Finish(self.options.Limits))
	exit(s.run(self.in, open))
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
