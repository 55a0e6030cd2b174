package child

import (
	"fmt"
	"sync/atomic"

	"github.com/taskscheduler/taskscheduler/loader/internal/frame"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// A runningCall is one that the library has not answered yet.
type runningCall struct {
	library.Call

	server   *server
	done     func(library.Status, task.Value) // answer
	held     bool                             // its answer is sent with those of other calls
	answered atomic.Bool
}

func (s *server) newCall() *runningCall {
	c := &runningCall{server: s}
	c.done = c.answer
	return c
}

// reset makes c one for the next call, if the library is done with the last one.
func (c *runningCall) reset() {
	const most = 64 // arguments whose memory is kept
	args := c.Args[:0]
	if cap(args) > most {
		args = nil
	}
	c.Call = library.Call{Args: args}
	c.answered.Store(false)
}

// run makes the call. That a library's own Go code panics must not end the
// other calls.
func (c *runningCall) run() {
	defer func() {
		if reason := recover(); reason != nil {
			c.answer(library.Failed, task.String(fmt.Sprintf("the task panicked: %v", reason)))
		}
	}()
	c.server.library.Call(&c.Call, c.done)
}

// answer answers the call, the first time that it is called.
func (c *runningCall) answer(status library.Status, value task.Value) {
	if c.answered.Swap(true) {
		return
	}
	if status < library.OK || status > library.BadArguments {
		status, value = library.Failed, task.String(fmt.Sprintf("the task returned %d, which is not a status", status))
	}
	limit := c.server.options.MaxFrameBytes
	buffer := frame.NewBuffer()
	defer frame.Recycle(buffer)
	var err error
	if *buffer, err = frame.AppendAnswer(*buffer, limit, c.ID, status, value); err != nil {
		what := task.String(fmt.Sprintf("the task's result can't be sent: %v", err))
		*buffer, _ = frame.AppendAnswer((*buffer)[:0], limit, c.ID, library.Failed, what) // it is short
	}
	if c.held {
		c.server.hold(*buffer)
	} else {
		c.server.send(*buffer)
	}
}
