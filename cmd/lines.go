package cmd

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/literal"
	"github.com/taskscheduler/taskscheduler/task"
)

// taskLine is a line of run --stdin.
type taskLine struct {
	Method            string            `json:"method"`
	Args              []json.RawMessage `json:"args"`
	ID                string            `json:"id"`
	Deps              []string          `json:"deps"`
	Inject            bool              `json:"inject"`
	DependencyTimeout string            `json:"dependency_timeout"`
	ExecutionTimeout  string            `json:"execution_timeout"`
	Detach            bool              `json:"detach"`
	StartAt           moment            `json:"start_at"`
	Retry             lineRetry         `json:"retry"`
	Labels            map[string]string `json:"labels"`
}

// parseLine reads a line. Its errors are the user's.
func parseLine(text []byte) (t client.Task, err error) {
	var line taskLine
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&line); err != nil {
		if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && wrong.Field != "" {
			return t, task.Errorf(task.InvalidArgument, "%q can't be a %s", wrong.Field, wrong.Value)
		}
		return t, task.Errorf(task.InvalidArgument, "not a task as JSON: %w", err)
	}
	t = client.Task{ID: line.ID, Method: line.Method, Deps: line.Deps, InjectResults: line.Inject, Detached: line.Detach}
	t.StartAt, t.Retry, t.Labels = line.StartAt.time, line.Retry.policy(), line.Labels
	if decoder.More() {
		return t, task.Errorf(task.InvalidArgument, "more than one task on the line")
	}
	if t.Method == "" {
		return t, task.Errorf(task.InvalidArgument, `no "method"`)
	}
	if t.Args, err = literal.ParseJSON(line.Args); err != nil {
		return t, task.Errorf(task.InvalidArgument, "%w", err)
	}
	for _, timeout := range []struct {
		name, text string
		to         *time.Duration
	}{
		{"dependency_timeout", line.DependencyTimeout, &t.DependencyTimeout},
		{"execution_timeout", line.ExecutionTimeout, &t.ExecutionTimeout},
	} {
		if timeout.text == "" {
			continue
		}
		if *timeout.to, err = time.ParseDuration(timeout.text); err != nil {
			return t, task.Errorf(task.InvalidArgument, `%q: want a time such as "1m30s", got %q`, timeout.name, timeout.text)
		}
	}
	return t, nil
}

// A lineRun runs the tasks of standard input over one stream.
type lineRun struct {
	command *runCommand
	out     *output
	ctx     context.Context //nolint:containedctx // a run is one command, and this is the command's

	mu       sync.Mutex
	progress progress
	failure  error // the first task's that failed
	written  error // why no more can be printed
}

// lines submits the tasks of standard input, and prints what comes of them as
// it comes.
func (r *runCommand) lines(ctx context.Context, c *client.Client, out *output) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := c.Stream(ctx)
	if err != nil {
		return exit.OfCall(r.explain(ctx, err))
	}
	run := &lineRun{command: r, out: out, ctx: ctx, progress: newProgress(out)}
	read := make(chan []byte)
	broken := make(chan error, 1)
	go func() { // a read that waits can't be ended
		defer close(read)
		broken <- readLines(ctx, out.stdin, read)
	}()
	number := 0
	for line := range read {
		number++
		if !run.submit(stream, number, line) {
			break
		}
	}
	select {
	case err = <-broken:
	default: // nobody waits for what is left to read
	}
	_ = stream.Close() // each task has told why it broke
	return run.end(err)
}

// readLines reads all lines.
func readLines(ctx context.Context, from io.Reader, to chan<- []byte) error {
	const longest = 64 << 20
	lines := bufio.NewScanner(from)
	lines.Buffer(nil, longest)
	for lines.Scan() {
		select {
		case to <- bytes.Clone(lines.Bytes()):
		case <-ctx.Done():
			return nil
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return fmt.Errorf("--stdin: a line is longer than %d MiB", longest>>20)
	}
	return lines.Err()
}

// submit submits the task of a line; false when it is no use to go on.
func (l *lineRun) submit(stream *client.Stream, number int, line []byte) bool {
	if len(bytes.TrimSpace(line)) == 0 {
		return true
	}
	t, err := parseLine(line)
	if err != nil {
		return l.ended(number, t.Method, client.Result{ID: t.ID}, err)
	}
	l.begun()
	err = stream.Submit(l.ctx, t, func(result client.Result, err error) { l.ended(number, t.Method, result, err) })
	if err != nil {
		l.ended(number, t.Method, client.Result{ID: t.ID}, err)
		return task.ErrorOf(err).Code == task.InvalidArgument // of this task alone
	}
	return true
}

func (l *lineRun) begun() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.progress.begun++
}

// ended prints what became of a task; false when that can't be printed.
func (l *lineRun) ended(number int, method string, result client.Result, err error) bool {
	err = l.command.explain(l.ctx, err)
	report := newResultReport(result, err)
	report.Line = number
	if err != nil {
		report.Method = method
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.progress.ended++; err != nil {
		l.progress.failed++
		if l.failure == nil {
			failed := exit.OfCall(err)
			l.failure = fmt.Errorf("line %d: %w", number, exit.Naming(failed, method, result.ID))
		}
	}
	if l.written == nil {
		l.written = l.out.json(report)
	}
	l.progress.show()
	return l.written == nil
}

// end is how the program ends.
func (l *lineRun) end(unread error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.progress.clear()
	switch {
	case unread != nil:
		return exit.Usagef("%w", unread)
	case l.written != nil:
		return l.written
	case l.failure != nil:
		failure := fmt.Errorf("%d of %d tasks failed; %w", l.progress.failed, l.progress.ended, l.failure)
		return &exit.Error{Code: exit.CodeOf(l.failure), Err: failure}
	case l.ctx.Err() != nil:
		return exit.OfCall(l.command.explain(l.ctx, l.ctx.Err()))
	default:
		return nil
	}
}

// progress is a line on a terminal that is written over.
type progress struct {
	w                    io.Writer // nil: nobody looks
	begun, ended, failed int
	shown                time.Time
}

// newProgress shows progress where standard error is a terminal, and the
// results don't go there too.
func newProgress(out *output) progress {
	stderr, ok := out.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(stderr.Fd())) {
		return progress{}
	}
	if stdout, ok := out.stdout.(*os.File); ok && term.IsTerminal(int(stdout.Fd())) {
		return progress{}
	}
	return progress{w: stderr}
}

const progressPause = 100 * time.Millisecond

func (p *progress) show() {
	if p.w == nil || time.Since(p.shown) < progressPause {
		return
	}
	p.shown = time.Now()
	fmt.Fprintf(p.w, "\r\x1b[K%d ended, %d of them failed, %d to come", p.ended, p.failed, max(0, p.begun-p.ended))
}

func (p *progress) clear() {
	if p.w != nil {
		fmt.Fprint(p.w, "\r\x1b[K")
	}
}
