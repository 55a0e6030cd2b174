//go:build !linux && !darwin

package wasm

// Pages are memory of Go's.
type pages struct{ all []byte }

func reserve(uint64) *pages { return &pages{} }

// grow returns size bytes, of which the first are as they were.
func (p *pages) grow(size uint64) []byte {
	if size > uint64(len(p.all)) {
		all := make([]byte, size)
		copy(all, p.all)
		p.all = all
	}
	return p.all[:size:size]
}

func (p *pages) release() { p.all = nil }
