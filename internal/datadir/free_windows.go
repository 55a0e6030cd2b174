package datadir

import "golang.org/x/sys/windows"

// space returns how many bytes of the disk that a folder is on are free for this
// user, and how many there are.
func space(path string) (free, all int64, err error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, 0, err
	}
	var available, total uint64
	if err := windows.GetDiskFreeSpaceEx(name, &available, &total, nil); err != nil {
		return 0, 0, err
	}
	return int64(available), int64(total), nil
}
