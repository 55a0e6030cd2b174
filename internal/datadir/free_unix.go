//go:build unix

package datadir

import "golang.org/x/sys/unix"

// space returns how many bytes of the disk that a folder is on are free for this
// user, and how many there are.
func space(path string) (free, all int64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, 0, err
	}
	return int64(s.Bavail) * int64(s.Bsize), int64(s.Blocks) * int64(s.Bsize), nil //nolint:unconvert // a type of its own elsewhere
}
