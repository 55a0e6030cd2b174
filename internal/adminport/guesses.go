package adminport

import (
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// A source may show this many wrong tokens at once, and one more each
	// guessInterval.
	maxGuesses    = 10
	guessInterval = 10 * time.Second
	// maxSources bounds the sources that are remembered.
	maxSources = 1000
	// logInterval is how often a source's wrong tokens are logged, at most.
	logInterval = time.Minute
)

// guesses counts the wrong tokens of each source, an address or an IPv6 network.
type guesses struct {
	logger *slog.Logger
	wrong  atomic.Uint64 // of all sources

	mu      sync.Mutex
	sources map[string]*source
}

// A source is where wrong tokens came from.
type source struct {
	left   float64   // how many more it may show, as of seen
	seen   time.Time // its last wrong token
	wrong  int       // not logged yet
	logged time.Time
}

func newGuesses(logger *slog.Logger) *guesses {
	return &guesses{logger: logger, sources: make(map[string]*source)}
}

// try has check look at a token from a source, and counts it unless it is right.
// While the source has shown too many, exhausted is true: then check should
// know only tokens that can't be guessed. It returns how long the source has to
// wait then.
func (g *guesses) try(from string, check func(exhausted bool) bool) (wait time.Duration, right bool) {
	g.mu.Lock()
	defer g.mu.Unlock() // one at a time, so that many at once are not more
	now := time.Now()
	s := g.sources[from]
	if s != nil {
		s.refill(now)
		if s.left < 1 {
			wait = time.Duration((1 - s.left) * float64(guessInterval))
		}
	}
	if check(wait > 0) {
		return 0, true
	}
	g.wrong.Add(1)
	if s == nil {
		s = g.addLocked(from, now)
	}
	s.wrong++
	if wait == 0 {
		s.left--
	}
	if now.Sub(s.logged) >= logInterval {
		g.logger.Warn("wrong admin token", "source", from, "count", s.wrong)
		s.logged, s.wrong = now, 0
	}
	return wait, false
}

func (s *source) refill(now time.Time) {
	s.left = min(maxGuesses, s.left+float64(now.Sub(s.seen))/float64(guessInterval))
	s.seen = now
}

// addLocked remembers a source, in the place of the one that has been quiet for
// longest if there are too many.
func (g *guesses) addLocked(from string, now time.Time) *source {
	if len(g.sources) >= maxSources {
		var quiet string
		for name, s := range g.sources {
			if quiet == "" || s.seen.Before(g.sources[quiet].seen) {
				quiet = name
			}
		}
		delete(g.sources, quiet)
	}
	s := &source{left: maxGuesses, seen: now}
	g.sources[from] = s
	return s
}

// sourceOf returns what a peer's wrong tokens count for. A host with an IPv6
// address has a whole network of them.
func sourceOf(peer string) string {
	parsed, err := netip.ParseAddrPort(peer)
	if err != nil {
		return peer // a Unix socket
	}
	addr := parsed.Addr().Unmap().WithZone("")
	if addr.Is4() {
		return addr.String()
	}
	const network = 64 // bits
	prefix, err := addr.Prefix(network)
	if err != nil {
		return addr.String()
	}
	return prefix.String()
}
