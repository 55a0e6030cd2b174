//go:build unix

package logging

import (
	"os"
	"syscall"
)

// markInUse keeps other servers from deleting a file, for as long as it is open,
// however that ends.
func markInUse(file *os.File) {
	_ = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) // not every file system has locks
}

// inUse tells whether a server writes to a file.
func inUse(path string) bool {
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return true // it is not ours to delete
	}
	defer file.Close()
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil
}
