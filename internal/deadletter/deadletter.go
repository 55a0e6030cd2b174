// Package deadletter keeps the tasks that have used up their attempts, for
// operators to look at, and to run once more or drop.
package deadletter

import (
	"container/list"
	"errors"
	"sync"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// Limits bound what a [List] keeps.
type Limits struct {
	Count int
	Bytes int64
}

// A Keeper keeps letters over the end of the process.
type Keeper interface {
	// Keep keeps a letter and calls kept later, on another goroutine, once it does,
	// with what forgets it again. It waits for nothing, nor does forget.
	Keep(letter *scheduler.DeadLetter, kept func(forget func()))
}

// overhead is about what a letter takes beside its arguments, texts and labels, in bytes.
const overhead = 600

// A List keeps dead letters, one for an id: the newest. When there is no room,
// the oldest go. All methods are safe for concurrent use.
type List struct {
	limits Limits
	keeper Keeper // nil: they end with the process

	mu      sync.Mutex
	letters list.List // of *entry, the one that ended first is the first
	byID    map[string]*list.Element
	totals  Totals
	drops   []*drop // that can be taken back, the oldest first
}

// entry is a letter in a list.
type entry struct {
	letter  scheduler.DeadLetter
	size    int64
	claimed bool // someone is about to run it again
	gone    bool
	forget  func() // nil: it is not kept, or not yet
}

func entryOf(at *list.Element) *entry {
	return at.Value.(*entry) //nolint:forcetypeassert // a list has nothing else
}

// Totals are what a list holds, and what came by it.
type Totals struct {
	Letters int
	Bytes   int64
	// Added counts all that ever came, Lost those of them that went for want of room.
	Added, Lost uint64
}

// New returns an empty list. keeper may be nil.
func New(limits Limits, keeper Keeper) *List {
	return &List{limits: limits, keeper: keeper, byID: make(map[string]*list.Element)}
}

// Add adds a letter.
func (l *List) Add(letter scheduler.DeadLetter) {
	e := &entry{letter: letter, size: sizeOf(&letter)}
	l.mu.Lock()
	l.totals.Added++
	l.addLocked(e)
	l.mu.Unlock()
	if l.keeper != nil {
		l.keeper.Keep(&letter, func(forget func()) { l.isKept(e, forget) })
	}
}

// Restore adds a letter that was kept by a process before this one; forget makes
// its keeper forget it.
func (l *List) Restore(letter scheduler.DeadLetter, forget func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.addLocked(&entry{letter: letter, size: sizeOf(&letter), forget: forget})
}

// GiveUp lets go of the letters that the keeper has: another node has them.
func (l *List) GiveUp() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for at := l.letters.Front(); at != nil; {
		next := at.Next()
		if e := entryOf(at); e.forget != nil {
			e.forget = nil
			l.removeLocked(at)
		}
		at = next
	}
}

// isKept takes in that the keeper has e.
func (l *List) isKept(e *entry, forget func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if e.forget = forget; e.gone {
		forget()
	}
}

func (l *List) addLocked(e *entry) {
	letter := &e.letter
	if older := l.byID[letter.Execution.ID]; older != nil {
		l.removeLocked(older)
	}
	before := l.letters.Back()
	for before != nil && entryOf(before).letter.Execution.Ended.After(letter.Execution.Ended) {
		before = before.Prev()
	}
	if before == nil {
		l.byID[letter.Execution.ID] = l.letters.PushFront(e)
	} else {
		l.byID[letter.Execution.ID] = l.letters.InsertAfter(e, before)
	}
	l.totals.Letters++
	l.totals.Bytes += e.size
	for l.totals.Letters > l.limits.Count || l.totals.Bytes > l.limits.Bytes {
		l.removeLocked(l.letters.Front())
		l.totals.Lost++
	}
}

func sizeOf(letter *scheduler.DeadLetter) int64 {
	return overhead + letter.ArgBytes + int64(letter.Execution.Size())
}

func (l *List) removeLocked(at *list.Element) {
	l.takeLocked(at)
	entryOf(at).goneLocked()
}

// takeLocked takes a letter out, which may come back.
func (l *List) takeLocked(at *list.Element) {
	e := entryOf(at)
	l.letters.Remove(at)
	delete(l.byID, e.letter.Execution.ID)
	l.totals.Letters--
	l.totals.Bytes -= e.size
}

// goneLocked has the keeper forget a letter that doesn't come back.
func (e *entry) goneLocked() {
	if e.gone = true; e.forget != nil {
		e.forget()
	}
}

// Totals returns what the list holds now.
func (l *List) Totals() Totals {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.totals
}

// Find returns the letter of an id; ok is false if there is none.
func (l *List) Find(id string) (letter scheduler.DeadLetter, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := l.byID[id]; at != nil {
		return entryOf(at).letter, true
	}
	return letter, false
}

// Select returns the letters that match, the newest first. match must be quick
// and must not call the list.
func (l *List) Select(match func(*scheduler.DeadLetter) bool) []scheduler.DeadLetter {
	l.mu.Lock()
	defer l.mu.Unlock()
	var found []scheduler.DeadLetter
	for at := l.letters.Back(); at != nil; at = at.Prev() {
		if e := entryOf(at); match(&e.letter) {
			found = append(found, e.letter)
		}
	}
	return found
}

// ErrGone is what [List.Take] returns for a letter that is not there, or that
// someone else is taking.
var ErrGone = errors.New("the dead letter is not there any more")

// Take takes the letter of an id out if use, which is called with it and may
// take its time, returns nil. Nobody else takes it meanwhile.
func (l *List) Take(id string, use func(*scheduler.DeadLetter) error) error {
	l.mu.Lock()
	at := l.byID[id]
	if at == nil || entryOf(at).claimed {
		l.mu.Unlock()
		return ErrGone
	}
	e := entryOf(at)
	e.claimed = true
	letter := e.letter
	l.mu.Unlock()

	err := use(&letter)

	l.mu.Lock()
	defer l.mu.Unlock()
	e.claimed = false
	if err == nil && l.byID[id] == at { // else it has made room for others meanwhile
		l.removeLocked(at)
	}
	return err
}
