package native

import "unsafe"

// memory is this process's. There is no telling which addresses are a
// library's: a wrong one crashes the process, which is why it has one of its own.
type memory struct{}

// View implements [abi.Memory]. Null is the one address that is known to be wrong.
func (memory) View(address, n uint64) ([]byte, bool) {
	if n == 0 {
		return nil, true
	}
	if address == 0 || address+n < address {
		return nil, false
	}
	// The address is not Go's: read as a pointer rather than converted to one.
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&address)), n), true
}

// address returns where x lies. It stays there: all that a library is shown is
// on the heap, where nothing moves, and is kept alive until the call has ended.
func address[T any](x *T) uint64 { return uint64(uintptr(unsafe.Pointer(x))) }
