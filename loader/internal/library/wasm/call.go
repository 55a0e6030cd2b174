package wasm

import (
	"context"
	"sync"
	"time"
	"unsafe"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// cancelGrace is how long a cancelled call may go on before its instance is stopped.
const cancelGrace = 500 * time.Millisecond

// A call is a call that waits for an instance or runs in one.
type call struct {
	host  *library.Call
	async bool
	// cancelled is closed when the caller gives up.
	cancelled chan struct{}

	// The arguments of finish, written by the instance alone.
	finished bool
	status   library.Status
	value    task.Value

	mu    sync.Mutex
	ended bool
	kill  context.CancelFunc // stops the instance; nil while the call waits for one
	word  []byte             // the cancel word, where the instance's memory was when the call began; nil before
	grace *time.Timer
}

func newCall(c *library.Call, async bool) *call {
	return &call{host: c, async: async, cancelled: make(chan struct{})}
}

func (r *call) isCancelled() bool {
	select {
	case <-r.cancelled:
		return true
	default:
		return false
	}
}

// begin tells cancel which instance runs the call.
func (r *call) begin(in *instance) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kill = in.stop
	if r.isCancelled() {
		r.interrupt()
	}
}

// watch tells cancel which word the module looks at.
func (r *call) watch(word []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.word = word
	if r.isCancelled() {
		storeWord(word)
	}
}

// end makes sure that the instance, which is another call's next, is left alone.
func (r *call) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ended = true
	if r.grace != nil {
		r.grace.Stop()
	}
}

// cancel asks the call to end, and stops it when it does not.
func (r *call) cancel() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended || r.isCancelled() {
		return
	}
	close(r.cancelled)
	if r.kill != nil {
		r.interrupt()
	}
}

// interrupt sets the cancel word. An instance whose memory has moved since the
// call began does not see that; it does when it next calls the host.
func (r *call) interrupt() {
	if r.word != nil {
		storeWord(r.word)
	}
	r.grace = time.AfterFunc(cancelGrace, r.stop)
}

// storeWord sets a cancel word while the module may be reading it, or the runtime
// moving the memory that it is in: both find the old word or the new one, since it
// is aligned and written at once. The race detector would want the runtime to lock.
//
//go:norace
func storeWord(word []byte) {
	*(*uint32)(unsafe.Pointer(unsafe.SliceData(word))) = 1
}

// stop stops the instance that runs the call, if the call has not ended.
func (r *call) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ended && r.kill != nil {
		r.kill()
	}
}
