package native

import (
	"math"
	"syscall"
	"unsafe"

	"github.com/ebitengine/purego"
)

func openLibrary(path string) (uintptr, error) {
	handle, err := syscall.LoadLibrary(path)
	return uintptr(handle), err
}

func findSymbol(library uintptr, name string) (uintptr, error) {
	return syscall.GetProcAddress(syscall.Handle(library), name)
}

// systemLibc is asked where libraries come from several.
func systemLibc() string { return "" }

// progressCallback returns the function that libraries call with a fraction.
// Windows callbacks into Go get no floating-point arguments, so a few
// instructions of machine code move it to where they look for an integer.
func progressCallback() uintptr {
	callback := purego.NewCallback(func(id, fraction, note, n uintptr) uintptr {
		return reportProgress(uint64(id), math.Float64frombits(uint64(fraction)), note, n)
	})
	return executable(moveFraction(uint64(callback)))
}

// executable returns the address of a copy of code that may be run. It is never freed.
func executable(code []byte) uintptr {
	const (
		commitAndReserve = 0x3000
		readWrite        = 0x04
		executeRead      = 0x20
	)
	kernel := syscall.NewLazyDLL("kernel32.dll")
	size := uintptr(len(code))
	start, _, err := kernel.NewProc("VirtualAlloc").Call(0, size, commitAndReserve, readWrite)
	if start == 0 {
		panic("native: no memory for a callback: " + err.Error())
	}
	copied, _ := memory{}.View(uint64(start), uint64(size))
	copy(copied, code)
	var before uint32
	changed, _, err := kernel.NewProc("VirtualProtect").Call(start, size, executeRead, uintptr(unsafe.Pointer(&before)))
	if changed == 0 {
		panic("native: a callback can't be made executable: " + err.Error())
	}
	self, _ := syscall.GetCurrentProcess()
	_, _, _ = kernel.NewProc("FlushInstructionCache").Call(uintptr(self), start, size)
	return start
}
