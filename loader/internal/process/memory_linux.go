package process

import (
	"bytes"
	"os"
	"strconv"
)

// A memoryUsage looks up how much memory a process has.
type memoryUsage struct {
	status *os.File
	buffer [4096]byte
}

// openMemoryUsage returns nil where that can't be known.
func openMemoryUsage(pid int) *memoryUsage {
	status, err := os.Open("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return nil
	}
	return &memoryUsage{status: status}
}

func (m *memoryUsage) close() { _ = m.status.Close() } // it was only read

// counted is what a process has of memory: resident, swapped out, and what it
// takes to know where all that is.
var counted = [][]byte{[]byte("VmRSS:"), []byte("VmSwap:"), []byte("VmPTE:")}

// bytes returns 0 when the process is gone.
func (m *memoryUsage) bytes() int64 {
	n, _ := m.status.ReadAt(m.buffer[:], 0)
	var sum int64
	for line := range bytes.Lines(m.buffer[:n]) {
		for _, name := range counted {
			if bytes.HasPrefix(line, name) {
				kibibytes, _, _ := bytes.Cut(bytes.TrimSpace(line[len(name):]), []byte(" "))
				number, _ := strconv.ParseInt(string(kibibytes), 10, 64) // it is a number
				sum += number << 10
			}
		}
	}
	return sum
}
