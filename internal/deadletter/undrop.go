package deadletter

import (
	"crypto/rand"
	"time"
)

// undoTime is for how long what was dropped can be brought back.
const undoTime = time.Minute

// A drop is the letters of one [List.Drop], while they can be brought back.
type drop struct {
	token   string
	entries []*entry
	bytes   int64
	until   time.Time
	timer   *time.Timer
}

// Drop drops the letters of these ids and returns how many there were. Those
// that someone is about to run again stay. [List.Undrop] brings them back by the
// token until then, unless so much more is dropped that there is no room for it;
// the token is empty when there were none.
func (l *List) Drop(ids ...string) (dropped int, token string, until time.Time) {
	d := &drop{token: rand.Text(), until: time.Now().Add(undoTime)}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		if at := l.byID[id]; at != nil && !entryOf(at).claimed {
			e := entryOf(at)
			l.takeLocked(at)
			d.entries, d.bytes = append(d.entries, e), d.bytes+e.size
		}
	}
	if len(d.entries) == 0 {
		return 0, "", time.Time{}
	}
	d.timer = time.AfterFunc(undoTime, func() { l.settle(d) })
	l.drops = append(l.drops, d)
	count, bytes := 0, int64(0)
	for _, d := range l.drops {
		count, bytes = count+len(d.entries), bytes+d.bytes
	}
	for len(l.drops) > 1 && (count > l.limits.Count || bytes > l.limits.Bytes) {
		count, bytes = count-len(l.drops[0].entries), bytes-l.drops[0].bytes
		l.settleLocked(l.drops[0])
	}
	return len(d.entries), d.token, d.until
}

// Undrop brings back what a [List.Drop] has dropped, and returns how many letters
// that are. ok is false when it can't any more.
func (l *List) Undrop(token string) (restored int, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, d := range l.drops {
		if d.token != token {
			continue
		}
		d.timer.Stop()
		l.drops = append(l.drops[:i], l.drops[i+1:]...)
		for _, e := range d.entries {
			if l.byID[e.letter.Execution.ID] != nil { // a newer one has come
				e.goneLocked()
				continue
			}
			l.addLocked(e)
			restored++
		}
		return restored, true
	}
	return 0, false
}

// Settle forgets what was dropped: nobody brings it back any more.
func (l *List) Settle() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.drops) > 0 {
		l.settleLocked(l.drops[0])
	}
}

func (l *List) settle(d *drop) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.settleLocked(d)
}

func (l *List) settleLocked(d *drop) {
	for i, other := range l.drops {
		if other == d {
			d.timer.Stop()
			l.drops = append(l.drops[:i], l.drops[i+1:]...)
			for _, e := range d.entries {
				e.goneLocked()
			}
			return
		}
	}
}
