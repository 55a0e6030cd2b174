package loader

import (
	"io/fs"
	"time"
)

// A print tells one state of a file from another. The zero print is that of no file.
type print struct {
	device, inode uint64
	size          int64
	modified      int64 // ns since 1970
	changed       int64 // of the file or what is known about it; ns since 1970, 0 where unknown
}

func (p print) present() bool { return p != print{} }

func printOf(info fs.FileInfo) print {
	p := print{size: info.Size(), modified: info.ModTime().UnixNano()}
	p.device, p.inode, p.changed = identity(info)
	return p
}

// rests tells whether the file was left alone for a while when it was looked at,
// as far as its times can tell.
func (p print) rests(now time.Time) bool {
	last := max(p.modified, p.changed)
	return p.changed != 0 && now.Sub(time.Unix(0, last)) >= settleTime
}
