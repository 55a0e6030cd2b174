//go:build !cgo && !wasip1

package taskplugin

// Without a C compiler there is no library, but tests of the tasks can be run.

// rawCall is there for [Call] alone: no server calls.
type rawCall struct{}

func (*rawCall) isCancelled() bool { return false }

func hostLog(uint64, int32, string)        {}
func hostProgress(uint64, float64, string) {}
func hostCancelled(uint64) bool            { return false }
