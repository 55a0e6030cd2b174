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
	block := int64(s.Bsize) //nolint:unconvert // a type of its own elsewhere
	return int64(s.Bavail) * block, int64(s.Blocks) * block, nil
}
