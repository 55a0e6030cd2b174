package native

// pageSize is the smallest piece of memory that is readable as a whole or not at all.
const pageSize = 4 << 10

// guardedMemory is this process's memory, of which it is asked first whether it is
// there. That takes a system call a page: it is for what init_plugin returned, which
// may be anything as long as nobody knows whose plugin it is.
type guardedMemory struct {
	probe probe
	known map[uint64]bool // pages, by whether they are readable
}

func newGuardedMemory() (*guardedMemory, error) {
	p, err := newProbe()
	return &guardedMemory{probe: p, known: make(map[uint64]bool)}, err
}

func (m *guardedMemory) close() { m.probe.close() }

// View implements [abi.Memory].
func (m *guardedMemory) View(address, n uint64) ([]byte, bool) {
	view, ok := memory{}.View(address, n)
	if n == 0 || !ok {
		return view, ok
	}
	for page := address / pageSize; page <= (address+n-1)/pageSize; page++ {
		readable, asked := m.known[page]
		if !asked {
			readable = m.probe.readable(max(address, page*pageSize))
			m.known[page] = readable
		}
		if !readable {
			return nil, false
		}
	}
	return view, true
}
