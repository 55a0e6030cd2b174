package process

import (
	"os"
	"strconv"
)

// A memoryUsage looks up how much memory a process has.
type memoryUsage struct{ statm *os.File }

// openMemoryUsage returns nil where that can't be known.
func openMemoryUsage(pid int) *memoryUsage {
	statm, err := os.Open("/proc/" + strconv.Itoa(pid) + "/statm")
	if err != nil {
		return nil
	}
	return &memoryUsage{statm}
}

func (m *memoryUsage) close() { _ = m.statm.Close() } // it was only read

// bytes returns the resident memory, or 0 when the process is gone.
func (m *memoryUsage) bytes() int64 {
	var buffer [128]byte
	n, _ := m.statm.ReadAt(buffer[:], 0)
	// The second number, in pages.
	var pages int64
	field := 0
	for _, c := range buffer[:n] {
		switch {
		case c == ' ':
			field++
		case field == 1:
			pages = pages*10 + int64(c-'0')
		}
	}
	return pages * int64(os.Getpagesize())
}
