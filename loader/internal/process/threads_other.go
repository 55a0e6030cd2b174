//go:build !linux

package process

import (
	"os"

	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

// A cloneGuard bounds the threads of a process: here nothing asks it.
type cloneGuard struct{}

func newCloneGuard(sandbox.Limits) (*cloneGuard, error) { return nil, nil } //nolint:nilnil // none

func (*cloneGuard) childFiles() (files []*os.File, fd int)     { return nil, 0 }
func (*cloneGuard) started()                                   {}
func (*cloneGuard) close()                                     {}
func (*cloneGuard) serve(int, sandbox.Limits, <-chan struct{}) {}
