package wasm

import (
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero/experimental"
)

// A linearMemory is an instance's memory, taken from the budget as it grows. It
// stays in its place, so that growing copies nothing and leaves nothing behind.
type linearMemory struct {
	library *wasmLibrary
	pages   *pages
	size    uint64 // of what was taken
	refused bool   // it was to grow, and there was nothing to take
}

// errNoMemory is that an instance needs more memory than others leave.
var errNoMemory = errors.New("the instances that run leave no memory for another one")

// begin takes what the module begins with, in pages of 64 KiB. The runtime takes for
// granted that it is there.
func (m *linearMemory) begin(initial uint32) error {
	size := uint64(initial) << 16
	if !m.library.takeMemory(size) {
		if m.library.memory.empty() {
			return fmt.Errorf("the module begins with %d bytes of memory, of %d that all of its instances may have",
				size, m.library.memory.most)
		}
		return errNoMemory
	}
	m.size, m.pages = size, reserve(memoryPages<<16)
	if size > 0 && m.pages.grow(size) == nil {
		m.release()
		return errors.New("the system has no memory for an instance")
	}
	return nil
}

// Allocate implements [experimental.MemoryAllocator]: there is one memory in a module.
func (m *linearMemory) Allocate(_, _ uint64) experimental.LinearMemory { return m }

// Reallocate implements [experimental.LinearMemory]. Without memory left the
// module's memory.grow fails, which is for the module to handle.
func (m *linearMemory) Reallocate(size uint64) []byte {
	if size > m.size {
		if !m.library.takeMemory(size - m.size) {
			m.refused = true
			return nil
		}
		m.size = size
	}
	return m.pages.grow(size)
}

// Free implements [experimental.LinearMemory]. It is called while a cancel may
// still look at the memory: release comes after that.
func (*linearMemory) Free() {}

// excuse says what a module that failed may have failed for.
func (m *linearMemory) excuse() string {
	if !m.refused {
		return ""
	}
	return fmt.Sprintf(", after it was refused memory: all calls of the module have %d MiB together", m.library.memory.most>>20)
}

func (m *linearMemory) release() {
	if m.pages != nil {
		m.pages.release()
	}
	m.library.memory.give(int64(m.size))
	m.pages, m.size = nil, 0
}

// takeMemory takes from the budget, at the cost of instances that are kept for
// calls to come.
func (l *wasmLibrary) takeMemory(n uint64) bool {
	for !l.memory.take(int64(n)) {
		in := l.takeIdle()
		if in == nil {
			return false
		}
		in.close()
	}
	return true
}
