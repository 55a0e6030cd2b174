package wasm

import (
	"context"
	"log/slog"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/taskscheduler/taskscheduler/loader/internal/library/abi"
)

// instanceKey is the context's key of the instance that calls the host.
type instanceKey struct{}

// exportHost adds the module task_host, whose functions are those of the ABI's
// task_host and cancelled. They run on the instance's own goroutine.
func exportHost(ctx context.Context, r wazero.Runtime) error {
	const i32, i64, f64 = api.ValueTypeI32, api.ValueTypeI64, api.ValueTypeF64
	b := r.NewHostModuleBuilder("task_host")
	export := func(name string, f func(in *instance, stack []uint64), params, results []api.ValueType) {
		run := func(ctx context.Context, module api.Module, stack []uint64) {
			in, _ := ctx.Value(instanceKey{}).(*instance)
			in.memory = memory{module.Memory()} // already while the module is being started
			f(in, stack)
			in.showCancel()
		}
		b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(run), params, results).Export(name)
	}
	export("finish", (*instance).finish, []api.ValueType{i64, i32, i32}, nil)
	export("log", (*instance).log, []api.ValueType{i64, i32, i32, i64}, nil)
	export("progress", (*instance).progress, []api.ValueType{i64, f64, i32, i64}, nil)
	export("cancelled", (*instance).cancelled, []api.ValueType{i64}, []api.ValueType{i32})
	_, err := b.Instantiate(ctx)
	return err
}

// running returns the current call if it has that id, or nil.
func (in *instance) running(id uint64) *call {
	if r := in.current; r != nil && r.host.ID == id {
		return r
	}
	return nil
}

func (in *instance) finish(stack []uint64) {
	r := in.running(stack[0])
	if r == nil || !r.async || r.finished {
		return
	}
	r.finished = true
	status, output := int32(uint32(stack[1])), stack[2]
	r.status, r.value = abi.Outcome(in.memory, status, output)
}

func (in *instance) log(stack []uint64) {
	if id := stack[0]; id == 0 || in.running(id) != nil {
		in.library.services.Log(id, slog.Level(int32(uint32(stack[1]))), abi.Text(in.memory, stack[2], stack[3]))
	}
}

func (in *instance) progress(stack []uint64) {
	if id := stack[0]; in.running(id) != nil {
		in.library.services.Progress(id, abi.Fraction(api.DecodeF64(stack[1])), abi.Text(in.memory, stack[2], stack[3]))
	}
}

func (in *instance) cancelled(stack []uint64) {
	r := in.running(stack[0])
	stack[0] = 0
	if r != nil && r.isCancelled() {
		stack[0] = 1
	}
}
