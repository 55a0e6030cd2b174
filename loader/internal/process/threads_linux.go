package process

import (
	"bytes"
	"os"
	"strconv"
	"sync"

	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

// A threadPool bounds the threads of all processes together, so that the server
// can always start its own.
type threadPool struct {
	most int

	mu     sync.Mutex
	counts map[*threadCount]bool
}

// plugins is for the processes of all plugins: they get half of what there is.
//
//nolint:gochecknoglobals // one bound for the whole server, in which many loaders may start processes
var plugins = sync.OnceValue(func() *threadPool {
	const share = 2
	return &threadPool{most: sandbox.ThreadRoom() / share, counts: map[*threadCount]bool{}}
})

// A threadCount knows how many threads a process has, with those of what it has
// started.
type threadCount struct {
	most  int
	count func() int
	used  int // since count was called: never less than there are
}

// recount keeps the number where there is no other to be had, as without /proc.
func (c *threadCount) recount() {
	if n := c.count(); n > 0 {
		c.used = n
	}
}

func (p *threadPool) add(c *threadCount) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts[c] = true
}

func (p *threadPool) remove(c *threadCount) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.counts, c)
}

// admit tells whether a process may start one thread more. Counting takes long,
// so it is done only when there may be too many.
func (p *threadPool) admit(c *threadCount) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c.used >= c.most {
		c.recount()
	}
	if c.used >= c.most {
		return false
	}
	if p.used() >= p.most {
		for each := range p.counts {
			each.recount()
		}
	}
	if p.used() >= p.most {
		return false
	}
	c.used++
	return true
}

func (p *threadPool) used() int {
	sum := 0
	for c := range p.counts {
		sum += c.used
	}
	return sum
}

// countThreads counts those of a process and, with programs, of its group.
func countThreads(pid int, programs bool) int {
	threads := 0
	for _, id := range processes(pid, programs) {
		threads += readStat(id).threads
	}
	return threads
}

// processes lists a process and, with others, those of its group.
func processes(pid int, others bool) []int {
	if !others {
		return []int{pid}
	}
	folder, err := os.Open("/proc")
	if err != nil {
		return []int{pid}
	}
	defer folder.Close()
	names, _ := folder.Readdirnames(-1) // those that it got
	var found []int
	for _, name := range names {
		if id, err := strconv.Atoi(name); err == nil && readStat(id).group == pid {
			found = append(found, id)
		}
	}
	return found
}

type stat struct{ group, threads int }

// readStat returns zeroes for a process that is gone.
func readStat(pid int) stat {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return stat{}
	}
	const group, threads = 2, 17 // after the name, which may hold anything
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	if len(fields) <= threads {
		return stat{}
	}
	var s stat
	s.group, _ = strconv.Atoi(string(fields[group])) // they are numbers
	s.threads, _ = strconv.Atoi(string(fields[threads]))
	return s
}
