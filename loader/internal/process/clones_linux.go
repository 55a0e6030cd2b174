package process

import (
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

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
	count := &threadCount{most: l.Threads, count: func() int { return countThreads(pid, l.Programs) }}
	plugins().add(count)
	defer plugins().remove(count)
	sandbox.ServeClones(g.ours, over, func() bool { return plugins().admit(count) })
	closing.Wait()
}
