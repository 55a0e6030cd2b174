//go:build unix

package stage

import (
	"os"
	"path/filepath"
	"syscall"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
)

// lockName is a file in a stage that is locked as long as its server lives,
// however that ends.
const lockName = "lock"

// lock marks a folder as in use. The lock is there before its name is, so
// that nobody who finds the name finds it without the lock.
func lock(folder string) (unlock func(), err error) {
	path := filepath.Join(folder, lockName)
	file, err := os.OpenFile(path+".new", os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	// A file system without locks: the stage is left behind when the server is killed.
	_ = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err := os.Rename(file.Name(), path); err != nil {
		_ = file.Close()
		return nil, err
	}
	return func() { _ = file.Close() }, nil
}

// sweep deletes the stages in parent whose server is gone.
func sweep(parent string) {
	locks, _ := filepath.Glob(filepath.Join(parent, pattern, lockName)) // its only error is a bad pattern
	for _, path := range locks {
		sweepOne(path)
	}
}

func sweepOne(path string) {
	folder := filepath.Dir(path)
	if info, err := os.Lstat(folder); err != nil || !info.IsDir() {
		return // a link: not what a server made
	}
	lock, err := os.OpenFile(path, os.O_RDWR|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return // another user's, unless this one may do everything
	}
	defer lock.Close()
	if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
		_ = file.RemoveTree(folder)
	}
}
