// Package open opens plugin files, each with what its name's ending asks for.
package open

import (
	"path/filepath"
	"strings"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/wasm"
)

// File opens a plugin's file, in a process of its own.
func File(path string, services library.Services) (library.Library, error) {
	if strings.EqualFold(filepath.Ext(path), ".wasm") {
		return wasm.Open(path, services)
	}
	return openNative(path, services)
}
