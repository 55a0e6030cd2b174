//go:build !windows

package native

import "github.com/ebitengine/purego"

// openLibrary maps a library. All its symbols are bound now, so that what is
// missing shows here rather than in the middle of a call, and they are its own.
func openLibrary(path string) (uintptr, error) {
	return purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
}

func findSymbol(library uintptr, name string) (uintptr, error) {
	return purego.Dlsym(library, name)
}

func progressCallback() uintptr { return purego.NewCallback(reportProgress) }
