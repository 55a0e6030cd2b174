package file

import "golang.org/x/sys/unix"

// NoExec tells whether the system refuses to run, or to map as code, what lies
// in a folder.
func NoExec(folder string) bool {
	var fs unix.Statfs_t
	return unix.Statfs(folder, &fs) == nil && fs.Flags&unix.ST_NOEXEC != 0
}
