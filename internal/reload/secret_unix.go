//go:build unix

package reload

import (
	"io/fs"
	"os"
	"syscall"
)

// openToOthers tells whether a file may be read or written by others than its
// owner. The group may read what root owns: so it is with secrets that
// Kubernetes mounts.
func openToOthers(info fs.FileInfo) bool {
	allowed := fs.FileMode(0o700)
	if stat, ok := info.Sys().(*syscall.Stat_t); ok && stat.Uid == 0 && os.Geteuid() != 0 {
		allowed = 0o740
	}
	return info.Mode().Perm()&^allowed != 0
}
