// Package file tells what a loader wants to know of a file before it trusts
// it: whether it is the one that it was ([Fingerprint]), whether somebody is
// writing it ([BeingWritten]), and who may ([CheckWriters]).
package file

import (
	"io/fs"
	"time"
)

// A Fingerprint tells one state of a file from another. The zero Fingerprint is
// that of no file.
type Fingerprint struct {
	device, inode uint64
	size          int64
	modified      int64 // ns since 1970
	changed       int64 // of the file or what is known about it; ns since 1970, 0 where unknown
}

// FingerprintOf returns the fingerprint of the file that info describes.
func FingerprintOf(info fs.FileInfo) Fingerprint {
	f := Fingerprint{size: info.Size(), modified: info.ModTime().UnixNano()}
	f.device, f.inode, f.changed = identity(info)
	return f
}

// Present tells whether there is a file.
func (f Fingerprint) Present() bool { return f != Fingerprint{} }

// RestedFor tells whether the file was left alone for that long when it was
// looked at, as far as its times can tell.
func (f Fingerprint) RestedFor(d time.Duration, now time.Time) bool {
	last := max(f.modified, f.changed)
	return f.changed != 0 && now.Sub(time.Unix(0, last)) >= d
}
