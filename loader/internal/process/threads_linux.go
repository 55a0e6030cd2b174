package process

import (
	"bytes"
	"net"
	"os"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

// A threadCount knows how many threads a process has, and has started, at most.
type threadCount struct {
	pid      int
	programs bool // it may start other processes, which count too
	most     int
	used     int // since counts were made: never less than there are
}

// admit tells whether one thread more may be started. Counting takes long, so it
// is done only when there may be too many.
func (c *threadCount) admit() bool {
	if c.used >= c.most {
		c.used = c.count()
	}
	if c.used >= c.most {
		return false
	}
	c.used++
	return true
}

func (c *threadCount) count() int {
	threads := 0
	for _, pid := range processes(c.pid, c.programs) {
		threads += readStat(pid).threads
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

// A cloneGuard bounds the threads of a process: the system asks it about each.
type cloneGuard struct {
	ours   *net.UnixConn
	theirs *os.File
}

// newCloneGuard returns nil when threads are not limited.
func newCloneGuard(l sandbox.Limits) (*cloneGuard, error) {
	if l.Threads == sandbox.Unlimited {
		return nil, nil //nolint:nilnil // none
	}
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	file := os.NewFile(uintptr(fds[0]), "clones")
	defer file.Close()
	theirs := os.NewFile(uintptr(fds[1]), "clones")
	conn, err := net.FileConn(file)
	if err != nil {
		_ = theirs.Close()
		return nil, err
	}
	return &cloneGuard{ours: conn.(*net.UnixConn), theirs: theirs}, nil //nolint:forcetypeassert // it is a Unix socket
}

// childFiles are what the process gets besides its standard streams, and which
// descriptor it is there.
func (g *cloneGuard) childFiles() (files []*os.File, fd int) {
	if g == nil {
		return nil, 0
	}
	const first = 3
	return []*os.File{g.theirs}, first
}

// started closes what only the process needs.
func (g *cloneGuard) started() {
	if g != nil {
		_ = g.theirs.Close()
	}
}

// close ends serve before it has begun.
func (g *cloneGuard) close() {
	if g != nil {
		_ = g.ours.Close()
	}
}

// serve answers until over is closed.
func (g *cloneGuard) serve(pid int, l sandbox.Limits, over <-chan struct{}) {
	if g == nil {
		return
	}
	var closing sync.WaitGroup
	closing.Go(func() {
		<-over
		g.close()
	})
	count := &threadCount{pid: pid, programs: l.Programs, most: l.Threads}
	sandbox.ServeClones(g.ours, over, count.admit)
	closing.Wait()
}
