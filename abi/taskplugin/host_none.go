//go:build !cgo && !wasip1

package taskplugin

// Without a C compiler there is no library, but tests of the tasks can be run.

const addressMask = ^uint64(0)

func allocate(size int) (address uint64, memory []byte) { return 0, make([]byte, size) }

func free(uint64) {}

func hostLog(uint64, int32, string)        {}
func hostProgress(uint64, float64, string) {}
func hostCancelled(uint64) bool            { return false }
