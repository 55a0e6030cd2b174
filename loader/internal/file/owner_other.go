//go:build !unix

package file

import "io/fs"

// WritersUnknown says that, and why, [CheckWriters] finds nothing here.
const WritersUnknown = "who may write to the library directory is not checked on this platform"

// CheckWriters can't tell here.
func CheckWriters(string, fs.FileInfo) error { return nil }
