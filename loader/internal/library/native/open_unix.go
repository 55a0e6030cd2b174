//go:build !windows

package native

import (
	"bytes"
	"runtime"

	"github.com/ebitengine/purego"
)

// openLibrary maps a library. All its symbols are bound now, so that what is
// missing shows here rather than in the middle of a call, and they are its own.
func openLibrary(path string) (uintptr, error) {
	// Why a call has failed is asked in another one, and the C library knows it by thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
}

func findSymbol(library uintptr, name string) (uintptr, error) {
	runtime.LockOSThread() // see openLibrary
	defer runtime.UnlockOSThread()
	return purego.Dlsym(library, name)
}

// systemLibc returns the version of this process's C library when that is glibc,
// else "".
func systemLibc() string {
	version, err := purego.Dlsym(purego.RTLD_DEFAULT, "gnu_get_libc_version")
	if err != nil {
		return ""
	}
	text, _, _ := purego.SyscallN(version)
	const longest = 16
	letters, _ := memory{}.View(uint64(text), longest)
	end := bytes.IndexByte(letters, 0)
	return string(letters[:max(end, 0)])
}

func progressCallback() uintptr { return purego.NewCallback(reportProgress) }
