//go:build !unix

package reload

import "io/fs"

// openToOthers is never true: a file's mode says nothing here.
func openToOthers(fs.FileInfo) bool { return false }
