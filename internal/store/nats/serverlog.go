package nats

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// serverLog passes on what the server says. Most of it is for those who run
// servers of NATS, so it is for the debug level.
type serverLog struct {
	logger *slog.Logger
	node   string
	reach  func() string // how many nodes are reached

	behind sync.Once // an index that is behind the messages has been told of

	relieve func()        // frees a part of the disk; may be nil
	broke   atomic.Bool   // something could not be written
	broken  chan struct{} // has an element then

	mu        sync.Mutex
	last      error
	strangers int  // since they were told of
	namesake  bool // another server of this name was there

	tellStrangers, tellNamesake, tellStalled reminder
}

func newServerLog(config Config) *serverLog {
	l := &serverLog{logger: config.Logger, node: config.Node, broken: make(chan struct{}, 1)}
	if config.Cluster != nil {
		l.relieve = config.Cluster.Relieve
	}
	return l
}

// A reminder tells when something that comes again and again is to be told once more.
type reminder struct{ last time.Time }

// remindEvery is how often that is.
const remindEvery = time.Minute

// due reports whether it is, and takes it for told then.
func (r *reminder) due() bool {
	if !r.last.IsZero() && time.Since(r.last) <= remindEvery {
		return false
	}
	r.last = time.Now()
	return true
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
	if strings.Contains(text, "NO quorum") {
		l.stalled(text)
		return
	}
	if harmless(text) {
		l.logger.Debug("store: " + text)
		return
	}
	l.logger.Warn("store: " + text)
}

// stalled tells that too few servers are there, which each stream says every few
// seconds.
func (l *serverLog) stalled(text string) {
	l.mu.Lock()
	tell := l.tellStalled.due()
	l.mu.Unlock()
	l.logger.Debug("store: " + text)
	if tell {
		go func() { // the server may hold locks that reach needs
			if reason := l.reach(); reason != "" { // else enough are there, and they choose a leader
				l.logger.Warn("too few of the nodes that keep the data are there: what has to be kept is refused until more are back",
					"reason", reason)
			}
		}()
	}
}

// harmless tells whether a warning or an error is of what is meant to be so, or is
// told of elsewhere: a password that is made anew at each start, ports that stay
// closed, others that are not there yet, a copy that a new node gets.
func harmless(text string) bool {
	for _, part := range []string{
		"Plaintext passwords", "Waiting for routing", "failed to be ready for connections",
		"Error trying to connect to route",
		"could not replace peer", // when a node is removed: the next one that comes gets its copies
		"Metalayer blocking snapshot", "resetting first sequence",
		"processRemoteSub Parse Error",
		"Error flushing: write tcp", // of connections that are refused for a reason told elsewhere
	} {
		if strings.Contains(text, part) {
			return true
		}
	}
	return false
}

func (l *serverLog) Errorf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	if strings.Contains(text, "ritical write error") || strings.Contains(text, "will be DISABLED") {
		l.fails()
	}
	switch {
	case harmless(text):
		l.logger.Debug("store: " + text)
	case strings.Contains(text, "handshake error"):
		l.stranger(text)
	case strings.Contains(text, "duplicate name"):
		l.sayNamesake(text)
	default:
		l.logger.Error("store: " + text)
	}
}

// fails notes that the server could not write something. It is about to stop, and must
// have room for that: it hangs in the middle of it when it can't write then either, and
// would go on to lead what it doesn't keep any more.
func (l *serverLog) fails() {
	if l.relieve != nil {
		l.relieve()
	}
	l.broke.Store(true)
	select {
	case l.broken <- struct{}{}:
	default: // it is known
	}
}

// namesakes says that another node of this one's name lives, or nothing.
func (l *serverLog) namesakes() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.namesake {
		return nil
	}
	return fmt.Errorf("node %q: %w", l.node, errNamesake)
}

// sayNamesake tells of a server of this one's name, which comes again many times a second.
func (l *serverLog) sayNamesake(text string) {
	l.mu.Lock()
	l.namesake = true
	tell := l.tellNamesake.due()
	l.mu.Unlock()
	l.logger.Debug("store: " + text)
	if tell {
		l.logger.Error("another node has this one's name: give each one a name of its own", "node", l.node)
	}
}

// stranger tells of one that isn't let in, or doesn't let this server in. It comes
// again each second.
func (l *serverLog) stranger(text string) {
	l.mu.Lock()
	l.strangers++
	times := l.strangers
	tell := l.tellStrangers.due()
	if tell {
		l.strangers = 0
	}
	l.mu.Unlock()
	if !tell {
		l.logger.Debug("store: " + text)
		return
	}
	l.logger.Warn("a connection between servers was refused: nodes must have the same secret, or certificates of one authority, and "+
		"nobody else needs this port", "times", times, "reason", text)
}

func (l *serverLog) Fatalf(format string, v ...any) {
	err := fmt.Errorf(format, v...)
	if strings.Contains(err.Error(), strconv.Itoa(noPort)) {
		return // it is not meant to open
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = err
}

func (l *serverLog) Debugf(string, ...any) {}

func (l *serverLog) Tracef(string, ...any) {}
