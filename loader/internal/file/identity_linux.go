package file

import (
	"io/fs"
	"syscall"
)

func identity(info fs.FileInfo) (device, inode uint64, changed int64) {
	if stat, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(stat.Dev), stat.Ino, stat.Ctim.Nano() //nolint:unconvert // another type on other architectures
	}
	return 0, 0, 0
}
