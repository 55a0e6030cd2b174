package native

import "golang.org/x/sys/windows"

// A probe has the system read memory, where the process itself would get an
// exception that ends it.
type probe struct{}

func newProbe() (probe, error) { return probe{}, nil }

func (probe) close() {}

func (probe) readable(address uint64) bool {
	var b byte
	err := windows.ReadProcessMemory(windows.CurrentProcess(), uintptr(address), &b, 1, nil)
	return err == nil
}
