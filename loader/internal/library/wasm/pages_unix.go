//go:build linux || darwin

package wasm

import "syscall"

// Pages are memory of the system's, of which addresses are set aside for all that
// they may become.
type pages struct{ all []byte }

// reserve sets addresses aside; without any there are no pages.
func reserve(most uint64) *pages {
	all, err := syscall.Mmap(-1, 0, int(most), syscall.PROT_NONE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return &pages{}
	}
	return &pages{all: all}
}

// grow makes the first size bytes memory, zero where they were none. It returns nil
// where the system has none left.
func (p *pages) grow(size uint64) []byte {
	if size > uint64(len(p.all)) {
		return nil
	}
	if err := syscall.Mprotect(p.all[:size], syscall.PROT_READ|syscall.PROT_WRITE); err != nil {
		return nil
	}
	return p.all[:size:size]
}

func (p *pages) release() {
	if p.all != nil {
		_ = syscall.Munmap(p.all)
	}
}
