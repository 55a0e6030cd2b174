// Package machine gives processes cores of their own, where the system lets it,
// and tells what they take.
package machine

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
)

// A Split is who runs on which cores. Both are empty where processes can't be
// kept to cores, or there is only one.
type Split struct{ Server, Generator []int }

// Divide gives a server so many cores, and the generator the others.
func Divide(server int) Split {
	cores := Cores()
	if server <= 0 || len(cores) <= server {
		return Split{}
	}
	return Split{Server: cores[:server], Generator: cores[server:]}
}

// Describe tells what the machine is and how it is used.
func (s Split) Describe() string {
	text := fmt.Sprintf("%s/%s, %s, %d cores, %s", runtime.GOOS, runtime.GOARCH,
		cmp.Or(processor(), "processor unknown"), max(len(Cores()), runtime.NumCPU()), runtime.Version())
	if len(s.Server) == 0 {
		return text + "; server and generator share the cores"
	}
	text += fmt.Sprintf("; the server on core %v, the generator on %v", s.Server, s.Generator)
	if shared(slices.Concat(s.Server, s.Generator)) {
		text += ", some of which are threads of one core"
	}
	return text
}
