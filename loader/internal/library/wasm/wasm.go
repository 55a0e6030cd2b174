// Package wasm runs plugins that are WebAssembly modules, by the ABI of
// abi/task_plugin.h in the module's own memory; abi/task_plugin_wasm.h shows
// what a module exports and imports.
//
// A module is sandboxed: no files, no sockets, no environment; clocks and random
// numbers it gets, and what it prints goes to the log. An instance of it runs one
// call at a time. There are as many as calls need, up to a limit, and an instance
// in which something went wrong is thrown away.
package wasm

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/abi"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/format"
)

// memoryPages is how much memory an instance may have, in pages of 64 KiB: 256 MiB.
const memoryPages = 256 << 20 >> 16

// Open compiles the module at path and lets a first instance initialise itself.
func Open(path string, services library.Services) (library.Library, error) {
	binary, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := format.CheckModule(binary); err != nil {
		return nil, err
	}
	// With close-on-done, code that does not end can be stopped.
	config := wazero.NewRuntimeConfig().WithCloseOnContextDone(true).WithMemoryLimitPages(memoryPages)
	ctx := experimental.WithCompilationWorkers(context.Background(), runtime.GOMAXPROCS(0))
	l := newLibrary(wazero.NewRuntimeWithConfig(ctx, config), services)
	if err := l.load(ctx, binary); err != nil {
		_ = l.runtime.Close(ctx)
		return nil, err
	}
	return l, nil
}

// load compiles a module and reads its table from an instance, the first of
// those that calls will run in.
func (l *wasmLibrary) load(ctx context.Context, binary []byte) error {
	if _, err := wasi_snapshot_preview1.Instantiate(ctx, l.runtime); err != nil {
		return err
	}
	if err := exportHost(ctx, l.runtime); err != nil {
		return err
	}
	var err error
	if l.module, err = l.runtime.CompileModule(ctx, binary); err != nil {
		return fmt.Errorf("the module can't be compiled: it is cut off or damaged: build or copy it again, "+
			"or it needs what WebAssembly 2.0 does not have (%w)", err)
	}
	if err := checkExports(l.module); err != nil {
		return err
	}
	first, err := newInstance(l)
	if err != nil {
		return err
	}
	if l.plugin, err = abi.ReadPlugin(first.memory, first.table, 4); err != nil {
		return err
	}
	l.keep(first)
	return nil
}

// checkExports tells authors what their module lacks. The widths of integers do
// not matter.
func checkExports(module wazero.CompiledModule) error {
	functions := module.ExportedFunctions()
	for name, parameters := range map[string]int{"tp_init": 0, "tp_buf": 1, "tp_call": 5} {
		f := functions[name]
		if f == nil {
			return fmt.Errorf("the module exports no function %s: it is not a plugin", name)
		}
		if len(f.ParamTypes()) != parameters || len(f.ResultTypes()) != 1 || !integers(f.ParamTypes(), f.ResultTypes()) {
			return fmt.Errorf("the module's function %s is not of the ABI's form: %d integers, and one as result", name, parameters)
		}
	}
	if module.ExportedMemories()["memory"] == nil {
		return errors.New("the module exports no memory")
	}
	return nil
}

func integers(lists ...[]api.ValueType) bool {
	for _, list := range lists {
		for _, t := range list {
			if t != api.ValueTypeI32 && t != api.ValueTypeI64 {
				return false
			}
		}
	}
	return true
}
