//go:build !linux

package process

// A memoryUsage looks up how much memory a process has: here nobody knows.
type memoryUsage struct{}

func openMemoryUsage(int) *memoryUsage { return nil }

func (*memoryUsage) close() {}

func (*memoryUsage) bytes() int64 { return 0 }
