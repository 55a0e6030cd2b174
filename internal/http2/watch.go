package http2

import (
	"math/rand/v2"
	"time"
)

// watch starts what looks after the connection from time to time: whether it is
// idle, the peer still there, the connection too old. There is one timer, and
// it goes off no more often than the earliest of these may be due.
func (c *conn) watch() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if age := c.limits.MaxConnectionAge; age > 0 {
		// Connections that began together shall not end together.
		spread := 0.9 + 0.2*rand.Float64() //nolint:gosec // no secret
		c.retire = c.born.Add(time.Duration(float64(age) * spread))
	}
	c.timer = time.AfterFunc(time.Hour, c.look)
	c.timer.Reset(c.due(time.Now()))
}

// look does what is due.
func (c *conn) look() {
	now := time.Now()
	c.mu.Lock()
	if c.dead != nil || c.ended {
		c.mu.Unlock()
		return
	}
	idle := c.limits.idleTimeout > 0 && len(c.streams) == 0 && now.Sub(c.idleSince) >= c.limits.idleTimeout
	old := !c.retire.IsZero() && !now.Before(c.retire)
	gone := c.ping(now) || !c.cutOff.IsZero() && !now.Before(c.cutOff)
	if len(c.streams) == 0 {
		c.releaseWorkers()
	}
	last := c.goingAway == asked && !now.Before(c.askedAt.Add(goAwayTimeout))
	if old && c.goingAway == serving && c.limits.MaxConnectionAgeGrace > 0 {
		c.cutOff = now.Add(c.limits.MaxConnectionAgeGrace)
	}
	c.mu.Unlock()
	switch {
	case gone:
		_ = c.net.Close()
		return
	case idle, last:
		c.lastCall()
	case old:
		c.goAway()
	}
	c.mu.Lock()
	c.timer.Reset(c.due(now))
	c.mu.Unlock()
}

// ping asks a silent peer for a sign of life, and tells whether it has given
// none. c.mu is held.
func (c *conn) ping(now time.Time) (gone bool) {
	if c.limits.pingAfter <= 0 {
		return false
	}
	sinceBorn := now.Sub(c.born)
	heard := time.Duration(c.lastRead.Load())
	if c.pingSent > heard {
		return sinceBorn-c.pingSent >= c.limits.pingTimeout
	}
	if sinceBorn-heard >= c.limits.pingAfter {
		c.pingSent = sinceBorn
		_ = c.frames.WritePing(false, alivePing)
		c.kick()
	}
	return false
}

// due returns after how long something has to be looked at. c.mu is held.
func (c *conn) due(now time.Time) time.Duration {
	const never = time.Minute // for workers
	next := now.Add(never)
	at := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	if idle := c.limits.idleTimeout; idle > 0 {
		at(now.Add(idle)) // also if requests run: they may end at once
		if len(c.streams) == 0 && c.goingAway < lastCall {
			at(c.idleSince.Add(idle))
		}
	}
	if after := c.limits.pingAfter; after > 0 {
		heard := time.Duration(c.lastRead.Load())
		if c.pingSent > heard {
			at(c.born.Add(c.pingSent + c.limits.pingTimeout))
		} else {
			at(c.born.Add(heard + after))
		}
	}
	if !c.retire.IsZero() && c.goingAway == serving {
		at(c.retire)
	}
	if c.goingAway == asked {
		at(c.askedAt.Add(goAwayTimeout))
	}
	if !c.cutOff.IsZero() {
		at(c.cutOff)
	}
	return max(next.Sub(now), time.Millisecond)
}
