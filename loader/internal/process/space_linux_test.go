//go:build !race

package process_test

import (
	"testing"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/task"
)

// The race detector needs more addresses than a plugin may have, so with it
// they have no limit.
func TestAddressesAreLimited(t *testing.T) {
	p := start(t, process.Config{Path: hostilePlugin(t)})
	v, err := call(t.Context(), p, "tables", task.Int64(200))
	if n, _ := v.Int64(); err != nil || n < 30 || n > 70 {
		t.Errorf("%d GiB, %v; want about 64", n, err)
	}
}
