package admin

import (
	"fmt"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/follow"
)

// chunkSize is how many one call acts on while somebody looks on.
const chunkSize = 500

// A chunk is what came of one call.
type chunk struct {
	// matched is how many it has found, up to its limit, and done to how many of them
	// it has done what it should.
	matched, done int
	// stuck: some could not be done, and are there still.
	stuck bool
}

// A tell is told how far something is; nil: nobody looks on.
type tell = func(done, all int)

// inChunks acts on so many by one call after the other, and tells how far it is. A call
// begins with the oldest, so what comes meanwhile isn't meant.
func inChunks(all int, tell tell, act func(limit int) (chunk, error)) error {
	size, done := chunkSize, 0
	for left := all; left > 0; left = all - done {
		tell(done, all)
		limit := min(size, left)
		c, err := act(limit)
		if err != nil {
			return err
		}
		done += c.done
		switch {
		case c.matched < limit, limit == left:
			return nil // there are no others
		case c.stuck:
			size = all // those that can't be would be the oldest of each chunk
		}
	}
	return nil
}

// progress returns what shows how far something is, or nil without a terminal, and what
// takes it away.
func (s *Session) progress(things string) (show tell, end func()) {
	view := follow.New(s.Err)
	if !view.Draws() {
		return nil, func() {}
	}
	return func(done, all int) {
		note := fmt.Sprintf("%d of %d %s", done, all, things)
		view.Show(client.Event{Progress: &client.Progress{Fraction: float64(done) / float64(all), Note: note}})
	}, view.Clear
}
