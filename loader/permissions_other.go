//go:build !unix

package loader

import "io/fs"

// permissionNote is logged once, when the check was asked for.
const permissionNote = "who may write to the library directory is not checked on this platform"

func checkWriters(string, fs.FileInfo) error { return nil }
