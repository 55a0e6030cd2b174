package process

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/coalesce"
)

// childName is what a child's os.Args begins with, and what lists of processes
// show.
const childName = "task-scheduler-plugin"

// linked is set once Main has been called: this binary knows how to be a child.
var linked atomic.Bool //nolint:gochecknoglobals // it is a property of the binary

// pipeLimit is how many bytes may wait for a pipe before senders wait.
const pipeLimit = 256 << 10

// errClosed is what ends the writing to a child when nothing is wrong.
var errClosed = errors.New("the pipe is closed")

// options are what a child is told on its command line.
type options struct {
	Path          string        `json:"path"`
	Limits        Limits        `json:"limits"`
	MaxFrameBytes int           `json:"max_frame_bytes"`
	CloseGrace    time.Duration `json:"close_grace"`
	Parent        int           `json:"parent"` // its process id
	// Confined is set by a child that has restricted itself and starts itself
	// anew, with what it could not do in Notes.
	Confined bool     `json:"confined,omitempty"`
	Notes    []string `json:"notes,omitempty"`
}

func (o options) arguments(name string) []string {
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // no field can fail
	}
	return []string{childName, name, string(text)}
}

// pipes are the three ends of the child's standard streams on either side.
type pipes struct{ stdin, stdout, stderr *os.File }

func (p pipes) close() {
	for _, end := range []*os.File{p.stdin, p.stdout, p.stderr} {
		if end != nil {
			_ = end.Close() // nothing is lost: whoever writes has noticed
		}
	}
}

func openPipes() (ours, theirs pipes, err error) {
	var errs [3]error
	theirs.stdin, ours.stdin, errs[0] = os.Pipe()
	ours.stdout, theirs.stdout, errs[1] = os.Pipe()
	ours.stderr, theirs.stderr, errs[2] = os.Pipe()
	if err := errors.Join(errs[:]...); err != nil {
		ours.close()
		theirs.close()
		return pipes{}, pipes{}, err
	}
	return ours, theirs, nil
}

// spawn starts the process and what listens to it.
func (p *Process) spawn() (err error) {
	executable, err := ownBinary()
	if err != nil {
		return err
	}
	if p.folder, err = os.MkdirTemp(p.config.TempDir, "plugin-*"); err != nil {
		return err
	}
	ours, theirs, err := openPipes()
	if err != nil {
		return errors.Join(err, os.RemoveAll(p.folder))
	}
	defer theirs.close()
	p.command = &exec.Cmd{
		Path: executable,
		Args: options{
			Path: p.config.Path, Limits: p.config.Limits, MaxFrameBytes: p.config.MaxFrameBytes,
			CloseGrace: p.config.CloseGrace, Parent: os.Getpid(),
		}.arguments(p.config.Name),
		Env: []string{}, Dir: p.folder,
		Stdin: theirs.stdin, Stdout: theirs.stdout, Stderr: theirs.stderr,
		SysProcAttr: childAttributes(),
	}
	p.pipe, p.writer = ours.stdin, coalesce.NewPipeWriter(ours.stdin, pipeLimit)
	p.frames = ours.stdout
	p.stderr = newStderrLog(p.config.Logger)

	started := make(chan error)
	go p.run(ours, started)
	if err := <-started; err != nil {
		return errors.Join(err, os.RemoveAll(p.folder))
	}
	return nil
}

// run starts the process, stays until it is gone, and cleans up. It keeps its
// thread for all that time: on Linux the child is killed when the thread that
// started it ends.
func (p *Process) run(ours pipes, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := p.command.Start(); err != nil {
		ours.close()
		started <- err
		return
	}
	started <- nil

	var listeners, watcher sync.WaitGroup
	over := make(chan struct{})
	listeners.Go(func() { p.receive(ours.stdout) })
	listeners.Go(func() { p.stderr.readAll(ours.stderr, over) })
	watcher.Go(func() { p.watchMemory(over) })

	awaitEnd(p.command)
	p.mu.Lock()
	killGroup(p.command.Process) // what the library may have started
	_ = p.command.Wait()         // the state tells more
	p.gone = true
	p.mu.Unlock()
	close(over)

	p.writer.Fail(errClosed)
	hurry(&listeners, ours)
	watcher.Wait()
	failure := p.explain(p.command.ProcessState)
	p.mu.Lock()
	p.failure = failure
	p.mu.Unlock()
	p.memory.Store(0)
	p.calls.fail(p.callFailure(failure))
	if err := os.RemoveAll(p.folder); err != nil {
		p.config.Logger.Warn("a plugin's working folder could not be removed", "error", err)
	}
	close(p.exited)
}

// hurry waits until the child's pipes have been read to their end, but not long:
// a process that the library has started may keep them open.
func hurry(listeners *sync.WaitGroup, ours pipes) {
	timer := time.AfterFunc(250*time.Millisecond, ours.close)
	listeners.Wait()
	timer.Stop()
	ours.close()
}

// ownBinary returns a path of the running binary.
func ownBinary() (string, error) {
	if runtime.GOOS == "linux" {
		// It stays what it is when the file is replaced, which an upgrade does.
		const self = "/proc/self/exe"
		if _, err := os.Stat(self); err == nil {
			return self, nil
		}
	}
	executable, err := os.Executable()
	if err != nil {
		return "", fmt.Errorf("finding the running binary: %w", err)
	}
	return executable, nil
}
