//go:build !linux

package sandbox

import "runtime"

// Confine does nothing here: see Finish.
func Confine(Limits, string, int, func(notes []string) error) error { return nil }

// Finish notes what this system does not have.
func Finish(Limits) (notes []string) {
	return []string{runtime.GOOS + ": the plugin's memory and processor time are not limited, " +
		"and it may use all files, sockets and system calls that the server may"}
}
