package process

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/throttle"
	"github.com/taskscheduler/taskscheduler/loader/internal/frame"
)

const (
	// linesPerSecond is how much of what a library prints and logs the server's
	// log gets.
	linesPerSecond = 200
	// lastLines is how many lines are kept for the error of a process's end.
	lastLines = 8
	// lineBytes is how long a line may be; the rest is another line.
	lineBytes = 1 << 10
	// readPerSecond is how many bytes of what a library prints are read. One that
	// prints more waits, so that reading it takes little of the server's time.
	readPerSecond = 4 << 20
	// writtenPerSecond is how many bytes of it the server's log gets.
	writtenPerSecond = 256 << 10
)

// A pluginLog passes what a child prints and logs to the server's log.
type pluginLog struct {
	logger  *slog.Logger
	printed *throttle.Throttle // bytes
	written *throttle.Lines
	said    *throttle.Throttle // bytes of frames that are no answers
	tell    func(level slog.Level, text string)

	mu     sync.Mutex
	marked []string // the first lines of standard error that look like a cause
	lines  []string // the last ones
}

func newPluginLog(logger *slog.Logger) *pluginLog {
	return &pluginLog{
		logger: logger, printed: throttle.New(readPerSecond), said: throttle.New(saidPerSecond),
		written: throttle.NewLines(linesPerSecond, writtenPerSecond),
	}
}

// readAll reads the child's standard error to its end. After over is closed it
// does not wait any more.
func (l *pluginLog) readAll(pipe io.Reader, over <-chan struct{}) {
	reader := bufio.NewReaderSize(pipe, lineBytes)
	for {
		line, err := reader.ReadSlice('\n')
		if text := frame.Text(bytes.TrimRight(line, "\r\n")); text != "" {
			l.remember(text)
			l.write(slog.LevelInfo, text, "")
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
		l.printed.Admit(len(line))
		if rest := l.printed.Rest(); rest > 0 {
			select {
			case <-time.After(rest):
			case <-over:
			}
		}
	}
}

// causeLine matches what Go's and Rust's runtimes begin with when they end a
// process; hundreds of lines may follow it.
var causeLine = regexp.MustCompile(`^(?:fatal error: |panic: |\[signal |SIG[A-Z]+: |thread '.*' .*panicked at )`)

// remember keeps what may be among a process's last words.
func (l *pluginLog) remember(line string) {
	const causes = 3
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.marked) < causes && causeLine.MatchString(line) {
		l.marked = append(l.marked, line)
		return
	}
	if len(l.lines) == lastLines {
		l.lines = slices.Delete(l.lines, 0, 1)
	}
	l.lines = append(l.lines, line)
}

// last returns what is known of the last words.
func (l *pluginLog) last() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Concat(l.marked, l.lines)
}

// write logs a line, unless there were too many in this second.
func (l *pluginLog) write(level slog.Level, text, taskID string) {
	allowed, dropped := l.written.Admit(len(text))
	if dropped > 0 {
		l.logger.Warn("a plugin prints too much, lines were left out", "lines", dropped)
	}
	if allowed && l.tell != nil {
		l.tell(level, text)
	}
	switch {
	case !allowed:
	case taskID == "":
		l.logger.Log(context.Background(), level, "plugin says", "text", text)
	default:
		l.logger.Log(context.Background(), level, "plugin says", "text", text, "task_id", taskID)
	}
}
