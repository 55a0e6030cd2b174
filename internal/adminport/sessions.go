package adminport

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"
)

const (
	// sessionTime is how long a browser is let in by one showing of a token.
	sessionTime = 12 * time.Hour
	// maxSessions bounds the sessions, and maxSessionsEach those of one token. The
	// ones that end first make room.
	maxSessions, maxSessionsEach = 1000, 50
)

// sessions are those of browsers, which show a token once and a cookie from then
// on. They end with the process.
type sessions struct {
	mu   sync.Mutex
	byID map[[sha256.Size]byte]session // by the digest of what the cookie has
}

type session struct {
	key  key
	ends time.Time
}

// open opens a session for who has shown a key, and returns what the cookie has.
func (s *sessions) open(k *key, now time.Time) (cookie string, ends time.Time) {
	cookie, ends = rand.Text()+rand.Text(), now.Add(sessionTime)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byID == nil {
		s.byID = make(map[[sha256.Size]byte]session)
	}
	s.makeRoomLocked(k, now)
	s.byID[sha256.Sum256([]byte(cookie))] = session{*k, ends}
	return cookie, ends
}

// makeRoomLocked removes what has ended, and as much more as it takes for one more
// session of that key.
func (s *sessions) makeRoomLocked(k *key, now time.Time) {
	var all, own int
	var first, firstOwn [sha256.Size]byte
	var ends, endsOwn time.Time
	for id, other := range s.byID {
		if !other.ends.After(now) {
			delete(s.byID, id)
			continue
		}
		if all++; ends.IsZero() || other.ends.Before(ends) {
			first, ends = id, other.ends
		}
		if other.key != *k {
			continue
		}
		if own++; endsOwn.IsZero() || other.ends.Before(endsOwn) {
			firstOwn, endsOwn = id, other.ends
		}
	}
	switch {
	case own >= maxSessionsEach:
		delete(s.byID, firstOwn)
	case all >= maxSessions:
		delete(s.byID, first)
	}
}

// find returns the session of a cookie, unless it has ended.
func (s *sessions) find(cookie string, now time.Time) (found session, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, ok = s.byID[sha256.Sum256([]byte(cookie))]
	return found, ok && found.ends.After(now)
}

// end ends a session.
func (s *sessions) end(cookie string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, sha256.Sum256([]byte(cookie)))
}
