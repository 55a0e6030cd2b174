package servers

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/machine"
)

// Options are how a server is started.
type Options struct {
	TLS    bool
	Plugin bool  // the service has the plugin's task echo::echo
	Cores  []int // none: all
	// Processors is the server's GOMAXPROCS. Zero: as many as there are cores.
	Processors int
}

// A Process is a server that runs.
type Process struct {
	Addr string

	command *exec.Cmd
	stdin   io.Closer
	said    bytes.Buffer
}

// addressed is what servers print when they listen: an address, maybe in a sentence.
var addressed = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// Start starts a server, which listens on a free port of the loopback.
func (w *Workshop) Start(ctx context.Context, kind Kind, options Options) (*Process, error) {
	p := &Process{command: exec.CommandContext(ctx, filepath.Join(w.folder, programs[kind]))}
	if kind == Service {
		p.command.Args = append(p.command.Args, w.serviceFlags(options)...)
	}
	if options.TLS {
		p.command.Args = append(p.command.Args, "--tls-cert", w.cert, "--tls-key", w.key)
	}
	p.command.Cancel = func() error { return p.command.Process.Signal(os.Interrupt) }
	p.command.WaitDelay = 10 * time.Second
	p.command.Dir = w.folder
	p.command.Stderr = &p.said
	p.command.Env = os.Environ()
	if options.Processors > 0 {
		p.command.Env = append(p.command.Env, "GOMAXPROCS="+strconv.Itoa(options.Processors))
	}
	stdout, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.stdin, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	if err := machine.Start(p.command, options.Cores); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if p.Addr = addressed.FindString(line); p.Addr == "" {
		p.Stop()
		return nil, fmt.Errorf("%s does not say where it listens: %q, %w\n%s", kind, line, err, &p.said)
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return p, nil
}

// serviceFlags leaves all at its default but what several servers on one
// machine can't share.
func (w *Workshop) serviceFlags(options Options) []string {
	libraries := filepath.Join(w.folder, "none")
	if options.Plugin {
		libraries = filepath.Dir(w.plugin)
	}
	return []string{"--addr", "127.0.0.1:0", "--log-dir", filepath.Join(w.folder, "logs"), "--library-dir", libraries}
}

// Time is the processor time that it has taken so far, its plugins' included.
func (p *Process) Time() time.Duration { return machine.Time(p.command.Process.Pid) }

// Memory is how many bytes of it are resident.
func (p *Process) Memory() int64 { return machine.Memory(p.command.Process.Pid) }

// Stop ends it and waits until it has ended.
func (p *Process) Stop() {
	_ = p.stdin.Close()
	_ = p.command.Process.Signal(os.Interrupt) // it may have ended
	_ = p.command.Wait()                       // by a signal or not: nothing is asked of it any more
}
