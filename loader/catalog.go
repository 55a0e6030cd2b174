package loader

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
	"github.com/taskscheduler/taskscheduler/task"
)

// A catalog knows the files of the library directory, as the watcher told of
// them. It decides which file is which plugin: each gets a supervisor, or a
// reason why it has none.
type catalog struct {
	report     *reporter
	supervise  func(name, file string) *supervisor // makes one
	initial    chan struct{}                       // closed when all files that were there at the start were tried
	background sync.WaitGroup

	mu      sync.Mutex
	running bool
	dirErr  error         // why nothing can be loaded from the directory
	changed chan struct{} // closed, and made anew, when a file has come to rest
	files   map[string]*entry
	names   map[string]*supervisor // by the plugin's name, until they have ended
}

// An entry is a file of the library directory.
type entry struct {
	file, name string
	seen, told file.Fingerprint // how the file came to rest, and what its supervisor knows of that
	err        error            // why it can't be looked at
	reason     string           // why it has no supervisor
	supervisor *supervisor
}

func newCatalog(report *reporter, supervise func(name, file string) *supervisor) *catalog {
	return &catalog{
		report: report, supervise: supervise, initial: make(chan struct{}), changed: make(chan struct{}),
		files: make(map[string]*entry), names: make(map[string]*supervisor),
	}
}

// Settled implements [watch.Receiver].
func (c *catalog) Settled(name string, seen file.Fingerprint, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.files[name]
	if e == nil {
		plugin, _ := pluginName(name)
		e = &entry{file: name, name: plugin}
	}
	e.seen, e.err = seen, err
	if !seen.Present() && e.supervisor != nil {
		s := e.supervisor
		e.supervisor, e.told = nil, file.Fingerprint{}
		s.mailbox.post(func() { s.end(gone, "its file is gone") })
	}
	if !seen.Present() && err == nil {
		delete(c.files, name)
	} else {
		c.files[name] = e
	}
	c.assign()
	close(c.changed)
	c.changed = make(chan struct{})
}

// Directory implements [watch.Receiver].
func (c *catalog) Directory(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dirErr = nil
	if err != nil {
		c.dirErr = fmt.Errorf("no plugin is loaded: %w", err)
		c.report.emit(EventLoadFailed, "", c.dirErr.Error())
	}
	c.assign()
}

// CaughtUp implements [watch.Receiver].
func (c *catalog) CaughtUp() {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := slices.Collect(maps.Values(c.names))
	c.background.Go(func() {
		for _, s := range all {
			<-s.tried
		}
		close(c.initial)
	})
}

// assign gives every file the supervisor that it should have. c.mu is held.
func (c *catalog) assign() {
	for _, name := range slices.Sorted(maps.Keys(c.files)) {
		e := c.files[name]
		if e.supervisor == nil {
			c.admit(e)
		}
		if s := e.supervisor; s != nil && e.told != e.seen && c.dirErr == nil {
			seen := e.seen
			e.told = seen
			s.mailbox.post(func() { s.settled(seen) })
		}
	}
}

// admit gives a file a supervisor, or a reason why it has none. c.mu is held.
func (c *catalog) admit(e *entry) {
	_, invalid := pluginName(e.file)
	holder := c.names[e.name]
	switch {
	case !c.running:
	case e.err != nil:
		c.refuse(e, e.err.Error())
	case invalid != nil:
		c.refuse(e, invalid.Error())
	case c.dirErr != nil:
		e.reason = c.dirErr.Error() // reported once, not for each file
	case holder != nil && c.files[holder.file] != nil && holder.file != e.file:
		c.refuse(e, refusedTwice(e.file, holder.file, e.name).Error())
	case holder != nil: // and about to end
	default:
		e.reason = ""
		e.supervisor = c.supervise(e.name, e.file)
		c.names[e.name] = e.supervisor
		s := e.supervisor
		c.background.Go(func() {
			s.run()
			c.ended(s)
		})
	}
}

// refuse notes why a file can't be a plugin, and reports it unless it was the reason before.
func (c *catalog) refuse(e *entry, reason string) {
	if e.reason != reason {
		e.reason = reason
		c.report.emit(EventLoadFailed, e.name, reason)
	}
}

// ended makes the name of a supervisor free.
func (c *catalog) ended(s *supervisor) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.names, s.name)
	c.assign() // another file may have waited for the name
}

// open lets files have supervisors.
func (c *catalog) open() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running = true
}

// close ends all supervisors, and returns when they have.
func (c *catalog) close() {
	c.mu.Lock()
	c.running = false
	for _, s := range c.names {
		s.mailbox.post(func() { s.end(stopped, "the server is shutting down") })
	}
	clear(c.files)
	c.mu.Unlock()
	c.background.Wait()
}

// list describes the files, sorted by name.
func (c *catalog) list() []Plugin {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]Plugin, 0, len(c.files))
	for _, e := range c.files {
		switch {
		case e.supervisor != nil:
			list = append(list, e.supervisor.snapshot())
		case e.reason != "":
			list = append(list, Plugin{Name: e.name, File: e.file, State: StateFailed, LastError: e.reason})
		}
	}
	slices.SortFunc(list, func(a, b Plugin) int {
		return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.File, b.File))
	})
	return list
}

var errNotRunning = errors.New("plugins are not being loaded: the server is starting or shutting down")

// find returns the supervisor of the plugin of that name, or why there is none.
func (c *catalog) find(name string) (*supervisor, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.running {
		return nil, task.Errorf(task.Unavailable, "%w", errNotRunning)
	}
	reason := ""
	for _, e := range c.files {
		switch {
		case e.name != name:
		case e.supervisor != nil:
			return e.supervisor, nil
		default:
			reason = cmp.Or(reason, e.reason, "another file of that name has just gone: try again")
		}
	}
	if reason != "" {
		return nil, task.Errorf(task.FailedPrecondition, "%s", reason)
	}
	return nil, task.Errorf(task.NotFound, "no file in the library directory is the plugin %q; a new one is loaded by itself once it is whole", name)
}
