package nats

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
)

// serverLog passes on what the server says. Most of it is for those who run
// servers of NATS, so it is for the debug level.
type serverLog struct {
	logger *slog.Logger

	behind sync.Once // an index that is behind the messages has been told of

	mu   sync.Mutex
	last error
}

// fatal returns why the server stopped, or nil.
func (l *serverLog) fatal() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.last
}

// Noticef, and those below, implement the server's interface.
func (l *serverLog) Noticef(format string, v ...any) {
	l.logger.Debug("store: " + fmt.Sprintf(format, v...))
}

func (l *serverLog) Warnf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	if strings.Contains(text, "Stream state outdated") || strings.HasSuffix(text, "prior state file") { // as after each kill
		l.behind.Do(func() { l.logger.Info("data directory was not closed: its index is made anew, and nothing is lost") })
		l.logger.Debug("store: " + text)
		return
	}
	l.logger.Warn("store: " + text)
}

func (l *serverLog) Errorf(format string, v ...any) {
	l.logger.Error("store: " + fmt.Sprintf(format, v...))
}

func (l *serverLog) Fatalf(format string, v ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = fmt.Errorf(format, v...)
}

func (l *serverLog) Debugf(string, ...any) {}

func (l *serverLog) Tracef(string, ...any) {}
