package file

import (
	"errors"
	"syscall"
)

// BeingWritten tells whether some process has the file open for writing: then
// it can't be opened in a way that allows readers only.
func BeingWritten(path string) bool {
	const sharingViolation = syscall.Errno(32)
	name, err := syscall.UTF16PtrFromString(path)
	if err != nil {
		return false
	}
	file, err := syscall.CreateFile(name, syscall.GENERIC_READ, syscall.FILE_SHARE_READ, nil,
		syscall.OPEN_EXISTING, syscall.FILE_ATTRIBUTE_NORMAL, 0)
	if err != nil {
		return errors.Is(err, sharingViolation)
	}
	_ = syscall.CloseHandle(file)
	return false
}
