package datadir

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// ballast takes so many bytes of the disk that a folder is on. They are in a file without
// a name, which nobody can find and which is gone with the process.
func ballast(path string, size int64) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_TMPFILE|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), "ballast")
	if err := unix.Fallocate(fd, 0, 0, size); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
