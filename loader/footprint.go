package loader

import (
	"io/fs"
	"time"
)

// A footprint tells one state of a file from another. The zero footprint is that of no file.
type footprint struct {
	device, inode uint64
	size          int64
	modified      int64 // ns since 1970
	changed       int64 // of the file or what is known about it; ns since 1970, 0 where unknown
}

func (f footprint) present() bool { return f != footprint{} }

func footprintOf(info fs.FileInfo) footprint {
	f := footprint{size: info.Size(), modified: info.ModTime().UnixNano()}
	f.device, f.inode, f.changed = identity(info)
	return f
}

// rests tells whether the file was left alone for a while when it was looked at,
// as far as its times can tell.
func (f footprint) rests(now time.Time) bool {
	last := max(f.modified, f.changed)
	return f.changed != 0 && now.Sub(time.Unix(0, last)) >= settleTime
}
