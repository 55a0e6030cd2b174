//go:build !linux

package process

import "runtime"

// dieWithParent does nothing: the end of the pipe ends the child.
func dieWithParent(int) error { return nil }

// confine does nothing: see prepare.
func confine(*options, string) error { return nil }

// prepare notes what this system does not have.
func prepare(Limits) []string {
	return []string{runtime.GOOS + ": the plugin's memory and processor time are not limited, " +
		"and it may use all files, sockets and system calls that the server may"}
}
