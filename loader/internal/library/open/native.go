//go:build !static

package open

import (
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/native"
	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

// openNative opens a dynamic library.
func openNative(path string, services library.Services) (library.Library, error) {
	if err := sandbox.SurrenderFaults(); err != nil {
		return nil, err
	}
	return native.Open(path, services)
}
