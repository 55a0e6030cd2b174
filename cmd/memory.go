package cmd

import (
	"context"
	"log/slog"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/budget"
	"github.com/taskscheduler/taskscheduler/internal/pages"
)

const (
	// While the heap is small, room for garbage is worth its memory: at 400
	// percent a call is an eighth cheaper. What a collection costs goes by what it has
	// to look through for pointers, which the results aren't; so there is room for
	// mostPercent of that, but for no less than leastGarbage and no more than
	// mostGarbage, unless that would be less than leastPercent of what lives.
	mostPercent  = 400
	leastPercent = 30
	leastGarbage = 48 << 20
	mostGarbage  = 128 << 20

	// limitPercent of the memory are for the Go runtime at the most.
	limitPercent = 90
)

// tuneMemory sets the garbage collector up for a server that needs at most that
// much memory, as far as GOGC and GOMEMLIMIT leave it to us.
func tuneMemory(logger *slog.Logger, need int64) {
	if _, set := os.LookupEnv("GOMEMLIMIT"); !set {
		limit := min(need, budget.Available()) / 100 * limitPercent
		debug.SetMemoryLimit(limit)
		logger.Debug("memory limit", "bytes", limit)
	}
	if _, set := os.LookupEnv("GOGC"); !set {
		tuneCollector()
	}
}

// tuneCollector sets GOGC by what lives on the heap, now and after each
// collection.
func tuneCollector() {
	now := readHeap()
	debug.SetGCPercent(garbagePercent(now.live, now.scanned))
	// A finalizer runs once after each collection, and makes the next one's.
	runtime.SetFinalizer(new(collection), func(*collection) { tuneCollector() })
}

// collection is garbage by the time that the next collection begins. It has a
// pointer since objects without one share their memory with others.
type collection struct{ _ *int }

// garbagePercent is GOGC for a heap of which that many bytes live, and so many may
// have pointers.
func garbagePercent(live, pointers uint64) int {
	if live == 0 {
		return mostPercent
	}
	garbage := min(max(mostPercent*pointers/100, leastGarbage), mostGarbage)
	return int(min(max(100*garbage/live, leastPercent), mostPercent))
}

// heap is how the heap is, in bytes but for cycles.
type heap struct {
	live      uint64 // at the last collection
	objects   uint64 // that are there now, garbage included
	allocated uint64 // ever
	scanned   uint64 // what the last collection had to look through for pointers
	cycles    uint64 // collections there ever were
}

func readHeap() (h heap) {
	places := []*uint64{&h.live, &h.objects, &h.allocated, &h.scanned, &h.cycles}
	samples := []metrics.Sample{
		{Name: "/gc/heap/live:bytes"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/gc/heap/allocs:bytes"},
		{Name: "/gc/scan/heap:bytes"},
		{Name: "/gc/cycles/total:gc-cycles"},
	}
	metrics.Read(samples)
	for i := range samples {
		*places[i] = samples[i].Value.Uint64()
	}
	return h
}

const (
	// quietPeriod is how often a server is looked at, mostQuietWork how much it
	// allocates in that time if it has little to do, and mostQuietGarbage what it
	// may keep then.
	quietPeriod      = time.Second
	mostQuietWork    = 1 << 20
	mostQuietGarbage = 32 << 20
)

// giveMemoryBack collects what the start has left behind, and then what bursts do,
// until ctx ends. The collector goes by what is allocated, and when nothing is any
// more it leaves the process as large as it was. While there are calls it is left to
// itself: to go through the whole heap and have everything mapped again holds them up
// for tens of milliseconds.
func giveMemoryBack(ctx context.Context) {
	ticker := time.NewTicker(quietPeriod)
	defer ticker.Stop()
	q := quiet{starting: true}
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		starting := q.starting
		if q.wants(readHeap()) {
			runtime.GC() // a sync.Pool lets go of what it has at the second one
			debug.FreeOSMemory()
			pages.Forget(starting)
		}
	}
}

// quiet is what was seen of a server that may have little to do.
type quiet struct {
	starting bool
	cycles   uint64 // at the last look
	seen     uint64 // what had ever been allocated by then
	looks    int    // since when there was no collection
	given    uint64 // what had ever been allocated when memory was given back last
	patience int    // for how many looks to wait until it is tried again
}

const (
	// quietLooks is after how many looks without a collection what lived at the
	// last one says nothing any more: that may have been in the midst of a burst.
	// If nothing is allocated then, the next try waits twice as long.
	quietLooks = 3
	mostLooks  = 256
	// collections are those that giving memory back takes.
	collections = 2
)

// wants takes in how the heap is, and tells whether memory is to be given back.
func (q *quiet) wants(now heap) bool {
	busy := now.allocated-q.seen > mostQuietWork
	q.seen = now.allocated
	if q.starting && !busy {
		q.starting = false
		q.cycles, q.given = now.cycles+collections, now.allocated
		return true
	}
	if now.cycles != q.cycles {
		q.cycles, q.looks, q.patience = now.cycles, 0, quietLooks
		return false
	}
	if busy {
		return false
	}
	q.looks++
	worked := now.allocated >= q.given+mostQuietGarbage
	garbage := worked && now.objects > now.live+mostQuietGarbage
	perhaps := q.looks >= q.patience && now.objects > 2*mostQuietGarbage
	if !garbage && !perhaps {
		return false
	}
	if q.patience = min(2*q.patience, mostLooks); worked {
		q.patience = quietLooks
	}
	q.cycles, q.looks, q.given = now.cycles+collections, 0, now.allocated
	return true
}
