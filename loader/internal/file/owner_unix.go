//go:build unix

package file

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// WritersUnknown is empty: who may write to a file is known here.
const WritersUnknown = ""

// CheckWriters returns an error when others than the owner and root may write to
// the file or directory, or when the owner is neither this process's user nor root.
func CheckWriters(path string, info fs.FileInfo) error {
	const groupAndOthers = 0o022
	const off = "Config.DirCheck turns this check off"
	if mode := info.Mode().Perm(); mode&groupAndOthers != 0 {
		return fmt.Errorf("%s can be written to by others than its owner (its mode is %#o): chmod go-w %s; %s", path, mode, path, off)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if own := os.Geteuid(); ok && stat.Uid != 0 && int(stat.Uid) != own {
		return fmt.Errorf("%s belongs to user %d, neither to the server's user (%d) nor to root; %s", path, stat.Uid, own, off)
	}
	return nil
}
