// Package audit keeps who has changed what: the newest changes in memory, to be
// looked at, and all of them in a file, one JSON object on each line.
package audit

import (
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/clip"
)

// An Entry is a change that somebody asked for.
type Entry struct {
	Time time.Time `json:"time"`
	// Who asked for it, in which role, and from which address.
	Who  string `json:"who"`
	Role string `json:"role,omitempty"`
	Peer string `json:"peer,omitempty"`
	// Action is what was asked for, Target what it was about.
	Action string `json:"action"`
	Target string `json:"target,omitempty"`
	// Result is "ok", or why it was not done.
	Result string `json:"result"`
	// Details are what else is known.
	Details map[string]string `json:"details,omitempty"`
	Node    string            `json:"node,omitempty"`
}

// Failed tells whether it was not done.
func (e *Entry) Failed() bool { return e.Result != "ok" }

// size is about how many bytes an entry holds.
func (e *Entry) size() int {
	const itself, each = 256, 64
	n := itself + len(e.Who) + len(e.Peer) + len(e.Action) + len(e.Target) + len(e.Result)
	for key, value := range e.Details {
		n += each + len(key) + len(value)
	}
	return n
}

const (
	// maxText is how many bytes of a text of an entry are kept.
	maxText = 1 << 10
	// What is kept in memory.
	maxEntries, maxBytes = 10_000, 4 << 20
)

// A Trail keeps entries. All methods are safe for concurrent use.
type Trail struct {
	file   *file // nil: in memory alone
	logger *slog.Logger
	epoch  uint64 // which process's numbers these are

	mu     sync.Mutex
	oldest uint64 // the number of the first of list less one; they count up from 1
	list   []line
	bytes  int
}

// Open returns a trail that goes on in the file of that name, which it makes if it
// isn't there; "": in memory alone. What the file can't take is told to logger.
func Open(name string, logger *slog.Logger) (*Trail, error) {
	t := &Trail{logger: logger, epoch: uint64(time.Now().UnixNano())}
	if name == "" {
		return t, nil
	}
	t.file = &file{name: name}
	lines, err := t.file.open()
	if err != nil {
		return nil, err
	}
	for i := range lines {
		t.keepLocked(&lines[i]) // nobody else has it yet
	}
	return t, nil
}

// Add adds an entry, whose details are the trail's from then on.
func (t *Trail) Add(e Entry) {
	for _, text := range []*string{&e.Who, &e.Peer, &e.Action, &e.Target, &e.Result} {
		*text = clip.Text(*text, maxText)
	}
	for key, value := range e.Details {
		e.Details[key] = clip.Text(value, maxText)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	kept := line{Entry: e}
	if t.file != nil {
		var err error
		if kept.at, err = t.file.write(&e); err != nil {
			t.logger.Error("a change may not be in the audit file", "error", err)
		}
	}
	t.keepLocked(&kept)
}

func (t *Trail) keepLocked(l *line) {
	t.list = append(t.list, *l)
	t.bytes += l.size()
	drop := 0
	for len(t.list)-drop > maxEntries || t.bytes > maxBytes && len(t.list)-drop > 1 {
		t.bytes -= t.list[drop].size()
		drop++
	}
	t.list = slices.Delete(t.list, 0, drop)
	t.oldest += uint64(drop)
}
