//go:build unix && !linux

package coalesce

import "syscall"

// writeNow writes what a file takes that doesn't make its writers wait.
func writeNow(fd uintptr, b []byte) (int, error) { return syscall.Write(int(fd), b) }
