package wasm

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/sys"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/abi"
	"github.com/taskscheduler/taskscheduler/task"
)

// An instance runs one call at a time. Only what stop does may be done by others.
type instance struct {
	library *wasmLibrary
	module  api.Module
	memory  memory
	buf     api.Function
	call    api.Function
	linear  linearMemory
	table   uint64 // where tp_init said that the plugin's table is
	initial uint32 // how much memory it had then, in bytes

	ctx    context.Context //nolint:containedctx // it ends the instance, not a call
	stop   context.CancelFunc
	broken bool
	stack  [5]uint64 // of tp_call: arguments, then the result

	area    uint64 // what tp_buf gave, aligned
	room    int    // how many bytes that is
	current *call  // nil while none runs
	word    uint64 // where the current call's cancel word is
}

// initTimeout is how long an instance may take to initialise itself.
const initTimeout = 30 * time.Second

// maxGrowth is how many bytes an instance may have, beyond twice what it began
// with, to be kept for calls to come.
const maxGrowth = 32 << 20

// newInstance returns an instance that has initialised itself.
func newInstance(l *wasmLibrary) (*instance, error) {
	in := &instance{library: l, linear: linearMemory{library: l}}
	if err := in.linear.begin(l.module.ExportedMemories()["memory"].Min()); err != nil {
		return nil, err
	}
	in.ctx, in.stop = context.WithCancel(context.WithValue(context.Background(), instanceKey{}, in))
	ctx := experimental.WithMemoryAllocator(in.ctx, &in.linear)
	config := wazero.NewModuleConfig().
		WithName(""). // many of the same module
		WithStartFunctions("_initialize").
		WithStdout(&lineWriter{in: in, level: slog.LevelInfo}).
		WithStderr(&lineWriter{in: in, level: slog.LevelWarn}).
		WithRandSource(rand.Reader).
		WithSysWalltime().
		WithSysNanotime().
		WithNanosleep(in.sleep)
	limit := time.AfterFunc(initTimeout, in.stop)
	defer limit.Stop()
	var err error
	if in.module, err = l.runtime.InstantiateModule(ctx, l.module, config); err != nil {
		in.stop()
		in.linear.release()
		return nil, fmt.Errorf("the module can't be started: %w", in.reason(err))
	}
	in.memory = memory{in.module.Memory()}
	in.buf, in.call = in.module.ExportedFunction("tp_buf"), in.module.ExportedFunction("tp_call")
	results, err := in.module.ExportedFunction("tp_init").Call(in.ctx)
	if err != nil {
		err = in.reason(err)
		in.close()
		return nil, fmt.Errorf("tp_init failed: %w", err)
	}
	in.table, in.initial = uint64(uint32(results[0])), in.memory.Size()
	return in, nil
}

// bloated tells whether calls made the instance take much more memory than it
// began with: memory never shrinks.
func (in *instance) bloated() bool { return uint64(in.memory.Size()) > 2*uint64(in.initial)+maxGrowth }

// close ends an instance that runs no call any more.
func (in *instance) close() {
	in.stop()
	_ = in.module.Close(context.Background())
	in.linear.release()
}

// run runs a call. What went wrong in the instance breaks it.
func (in *instance) run(r *call) (library.Status, task.Value) {
	r.begin(in)
	output, err := in.prepare(r)
	if err != nil {
		r.end()
		in.broken = true
		return abi.Failuref("%v", err)
	}
	in.current = r
	err = in.call.CallWithStack(in.ctx, in.stack[:])
	in.current = nil
	r.end()
	in.broken = err != nil || in.ctx.Err() != nil
	switch status := int32(uint32(in.stack[0])); {
	case r.finished: // its first answer counts, whatever came then
		return r.status, r.value
	case err != nil && r.isCancelled():
		return library.Cancelled, task.Null()
	case err != nil:
		in.library.services.Log(r.host.ID, slog.LevelError, err.Error())
		return abi.Failuref("%v%s", in.reason(err), in.linear.excuse())
	case status != abi.Pending:
		return abi.Outcome(in.memory, status, output)
	case r.async:
		return abi.Failuref("the task returned TASK_PENDING without having called finish, which in WebAssembly nobody does later")
	default:
		return abi.Failuref("the task returned TASK_PENDING without being TASK_ASYNC")
	}
}

// The places of a call's parts in the area.
const (
	wordAt   = abi.CallSize
	outputAt = wordAt + 8
	headSize = outputAt + abi.ValueSize
)

// prepare lays a call out in the instance's memory and in tp_call's stack.
func (in *instance) prepare(r *call) (output uint64, err error) {
	c := r.host
	size := headSize + abi.Padded(len(c.TaskID)) + abi.Size(c.Args, true)
	if err := in.reserve(size); err != nil {
		return 0, err
	}
	view, ok := in.memory.View(in.area, uint64(size))
	if !ok {
		return 0, errors.New("tp_buf gave memory that the module does not have")
	}
	block := abi.Block{Bytes: view, Base: in.area, Copy: true}
	head, start := block.Take(headSize)
	clear(head)
	in.word, output = start+wordAt, start+outputAt
	le := binary.LittleEndian
	le.PutUint32(head, abi.CallSize)
	le.PutUint32(head[4:], c.Attempt)
	le.PutUint64(head[8:], c.ID)
	le.PutUint64(head[16:], in.word)
	le.PutUint64(head[24:], uint64(c.DeadlineUnixNano()))
	le.PutUint64(head[32:], block.PutString(c.TaskID))
	le.PutUint64(head[40:], uint64(len(c.TaskID)))
	in.stack = [5]uint64{uint64(c.Task), start, block.Put(c.Args), uint64(len(c.Args)), output}
	r.watch(head[wordAt:outputAt])
	return output, nil
}

// reserve makes sure that the area has room for that many bytes.
func (in *instance) reserve(size int) error {
	if size <= in.room {
		return nil
	}
	size = max(size, 4<<10)
	if size > math.MaxInt32 {
		return fmt.Errorf("%d bytes of arguments do not fit the module's memory", size)
	}
	in.area, in.room = 0, 0
	results, err := in.buf.Call(in.ctx, uint64(size+8))
	if err != nil {
		return fmt.Errorf("tp_buf failed: %w", in.reason(err))
	}
	start := uint64(uint32(results[0]))
	if start == 0 {
		return fmt.Errorf("the module has no memory left for %d bytes of arguments", size)
	}
	in.area, in.room = (start+7)&^7, size
	return nil
}

// sleep is what the module gets when it asks WASI to sleep. Cancelling a call
// wakes it up.
func (in *instance) sleep(ns int64) {
	var cancelled <-chan struct{}
	if in.current != nil {
		cancelled = in.current.cancelled
	}
	timer := time.NewTimer(time.Duration(ns))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-cancelled:
	case <-in.ctx.Done():
	}
	in.showCancel()
}

// showCancel sets the cancel word where the memory is now.
func (in *instance) showCancel() {
	if r := in.current; r == nil || !r.isCancelled() {
		return
	}
	if word, ok := in.memory.View(in.word, 4); ok {
		storeWord(word)
	}
}

// reason returns an error of the runtime without the module's stack.
func (in *instance) reason(err error) error {
	if exit, ok := errors.AsType[*sys.ExitError](err); ok {
		switch exit.ExitCode() {
		case sys.ExitCodeContextCanceled, sys.ExitCodeDeadlineExceeded:
			return errors.New("the module was stopped")
		default:
			return fmt.Errorf("the module exited with code %d", exit.ExitCode())
		}
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return errors.New(strings.TrimSuffix(first, " (recovered by wazero)"))
}
