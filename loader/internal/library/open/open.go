// Package open opens plugin files, each with what its name's ending asks for.
package open

import (
	"path/filepath"
	"strings"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/native"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/wasm"
	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

// File opens a plugin's file, in a process of its own.
func File(path string, services library.Services) (library.Library, error) {
	if strings.EqualFold(filepath.Ext(path), ".wasm") {
		return wasm.Open(path, services)
	}
	if err := sandbox.SurrenderFaults(); err != nil {
		return nil, err
	}
	return native.Open(path, services)
}
