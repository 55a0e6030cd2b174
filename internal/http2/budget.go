package http2

import (
	"time"

	"golang.org/x/net/http2"
)

// A budget bounds how often a peer may do what costs us and brings nothing:
// a number at once, and so many a second. Only the reader uses it.
type budget struct {
	left, most int
	perSecond  int
	refilled   time.Time
}

func newBudget(most, perSecond int) budget {
	return budget{left: most, most: most, perSecond: perSecond, refilled: time.Now()}
}

// take tells whether n were left. The clock is only looked at when none are.
func (b *budget) take(n int) bool {
	b.left -= n
	if b.left >= 0 {
		return true
	}
	now := time.Now()
	b.give(int(now.Sub(b.refilled).Seconds() * float64(b.perSecond)))
	b.refilled = now
	return b.left >= 0
}

// give adds n, up to the most.
func (b *budget) give(n int) { b.left = min(b.left+n, b.most) }

// errCalm ends the connection of a peer that has overdone it.
const errCalm = http2.ConnectionError(http2.ErrCodeEnhanceYourCalm)

// idleFrame counts a frame that may well be harmless but takes no request
// further. Frames of data that we sent earn a peer two (its window updates).
func (c *conn) idleFrame(cost int) error {
	if c.idleFrames.take(cost) {
		return nil
	}
	c.mu.Lock()
	c.idleFrames.give(2 * c.sentData)
	c.sentData = 0
	c.mu.Unlock()
	if c.idleFrames.take(0) {
		return nil
	}
	return errCalm
}

// wastedStream counts a stream that a client gave up or did wrong: it cost us
// the work for a request. Each answered one earns it another.
func (c *conn) wastedStream() error {
	if c.wasted.take(1) {
		return nil
	}
	c.mu.Lock()
	c.wasted.give(c.answered)
	c.answered = 0
	c.mu.Unlock()
	if c.wasted.take(0) {
		return nil
	}
	return errCalm
}
