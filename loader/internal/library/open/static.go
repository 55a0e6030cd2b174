//go:build static

package open

import (
	"errors"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
)

var errStatic = errors.New("this server is a static program, which can't load dynamic libraries: " +
	"build the plugin for WebAssembly, or run the server that was built without the tag static")

// openNative refuses a dynamic library: what loads those is part of the C library.
func openNative(string, library.Services) (library.Library, error) { return nil, errStatic }
