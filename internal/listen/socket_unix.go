//go:build unix

package listen

import "syscall"

// restrict keeps others from a socket before it has a name. What Linux makes of
// a socket's mode when it is bound, other systems don't: there it fails, and
// the mode is changed right after.
func restrict(socket uintptr) { _ = syscall.Fchmod(int(socket), socketMode) }
