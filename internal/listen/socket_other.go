//go:build !unix

package listen

// restrict does nothing: sockets have no modes here, but those of their folder.
func restrict(uintptr) {}
