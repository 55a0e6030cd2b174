package loader

import "time"

const (
	shortestPause = 100 * time.Millisecond
	longestPause  = 30 * time.Second
	// A process that dies more than maxCrashes times in crashWindow is quarantined.
	maxCrashes  = 5
	crashWindow = time.Minute

	shortestQuarantine = time.Minute
	longestQuarantine  = time.Hour
)

// A backoff counts what happened lately, and how long to pause because of it.
type backoff struct {
	times []time.Time // those of the last crashWindow, oldest first
	pause time.Duration
}

// add notes that it happened again. It returns how often it did lately and how
// long to pause: twice as long each time, until it did not happen for a while.
func (b *backoff) add(now time.Time) (recent int, pause time.Duration) {
	for len(b.times) > 0 && now.Sub(b.times[0]) >= crashWindow {
		b.times = b.times[1:]
	}
	if len(b.times) == 0 {
		b.pause = 0
	}
	b.times = append(b.times, now)
	b.pause = min(max(2*b.pause, shortestPause), longestPause)
	return len(b.times), b.pause
}

// A crashLog decides how long a plugin whose process died is left alone.
type crashLog struct {
	crashes    backoff
	quarantine time.Duration // the last one's length; 0: there was none
	probation  time.Time     // a crash before this leads to quarantine again
}

// add notes a crash. It returns how long to pause, and whether that is a
// quarantine, with the number of crashes that led to it.
func (l *crashLog) add(now time.Time) (pause time.Duration, quarantined bool, recent int) {
	recent, pause = l.crashes.add(now)
	onProbation := now.Before(l.probation)
	if recent <= maxCrashes && !onProbation {
		return pause, false, recent
	}
	if !onProbation {
		l.quarantine = 0
	}
	l.quarantine = min(max(2*l.quarantine, shortestQuarantine), longestQuarantine)
	// It begins to serve again at the end of the pause, and proves itself for as long.
	l.probation = now.Add(2 * l.quarantine)
	return l.quarantine, true, recent
}
