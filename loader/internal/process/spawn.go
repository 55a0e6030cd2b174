package process

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/coalesce"
	"github.com/taskscheduler/taskscheduler/loader/internal/child"
	"github.com/taskscheduler/taskscheduler/loader/internal/file"
)

// pipeLimit is how many bytes may wait for a pipe before senders wait.
const pipeLimit = 256 << 10

// errClosed is what ends the writing to a child when nothing is wrong.
var errClosed = errors.New("the pipe is closed")

// pipes are the three ends of the child's standard streams on either side.
type pipes struct{ stdin, stdout, stderr *os.File }

func (p pipes) close() {
	for _, end := range []*os.File{p.stdin, p.stdout, p.stderr} {
		if end != nil {
			_ = end.Close() // nothing is lost: the writer has noticed
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
	if p.clones, err = newCloneGuard(p.config.Limits); err != nil {
		return err
	}
	defer p.clones.started()
	files, clones := p.clones.childFiles()
	defer func() {
		if err != nil {
			p.clones.close()
		}
	}()
	path, args, err := child.Command(p.config.Name, child.Options{
		Path: p.config.Path, Limits: p.config.Limits, MaxFrameBytes: p.config.MaxFrameBytes,
		CloseGrace: p.config.CloseGrace, Parent: os.Getpid(), Clones: clones, RequireConfinement: p.config.RequireConfinement,
	})
	if err != nil {
		return err
	}
	if p.folder, err = os.MkdirTemp(p.config.TempDir, "plugin-*"); err != nil {
		return err
	}
	ours, theirs, err := openPipes()
	if err != nil {
		return errors.Join(err, file.RemoveTree(p.folder))
	}
	defer theirs.close()
	p.command = &exec.Cmd{
		Path: path, Args: args,
		Env: []string{}, Dir: p.folder,
		Stdin: theirs.stdin, Stdout: theirs.stdout, Stderr: theirs.stderr, ExtraFiles: files,
		SysProcAttr: childAttributes(),
	}
	p.pipe, p.writer = ours.stdin, coalesce.NewPipeWriter(ours.stdin, pipeLimit)
	p.frames = ours.stdout
	p.log = newPluginLog(p.config.Logger)
	p.log.tell = p.config.Said

	started := make(chan error)
	go p.run(ours, started)
	if err := <-started; err != nil {
		return errors.Join(err, file.RemoveTree(p.folder))
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
	listeners.Go(func() { p.log.readAll(ours.stderr, over) })
	watcher.Go(func() { p.watchMemory(over) })
	watcher.Go(func() { p.watchFolder(over) })
	watcher.Go(func() { p.clones.serve(p.PID(), p.config.Limits, over) })

	awaitEnd(p.command)
	p.mu.Lock()
	killGroup(p.command.Process) // what the library may have started
	_ = p.command.Wait()         // the state tells more
	p.gone = true
	p.mu.Unlock()
	close(over)

	p.writer.Fail(errClosed)
	readRest(&listeners, ours)
	watcher.Wait()
	failure := p.explain(p.command.ProcessState)
	p.mu.Lock()
	p.failure = failure
	p.mu.Unlock()
	p.memory.Store(0)
	p.calls.fail(p.callFailure(failure))
	if err := file.RemoveTree(p.folder); err != nil {
		p.config.Logger.Warn("a plugin's working folder could not be removed", "error", err)
	}
	close(p.exited)
}

// readRest waits until the child's pipes have been read to their end, but not for
// ever: a process that the library has started, and that got away, may keep them
// open.
func readRest(listeners *sync.WaitGroup, ours pipes) {
	const patience = 5 * time.Second // on a busy machine reading takes its time
	timer := time.AfterFunc(patience, ours.close)
	listeners.Wait()
	timer.Stop()
	ours.close()
}
