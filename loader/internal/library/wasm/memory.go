package wasm

import (
	"math"

	"github.com/tetratelabs/wazero/api"
)

// memory is an instance's.
type memory struct{ api.Memory }

// View implements [abi.Memory]. Addresses have 32 bits: of the 8 bytes that the
// ABI has for a pointer, a module writes the lower four. What is returned holds
// until the memory grows.
func (m memory) View(address, n uint64) ([]byte, bool) {
	if n == 0 {
		return nil, true
	}
	start := uint32(address)
	if start == 0 || n > math.MaxUint32 {
		return nil, false
	}
	return m.Read(start, uint32(n)) // which checks the end, without overflow
}
