package format

import (
	"debug/elf"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// What the C libraries' loaders say: glibc first, then musl.
var (
	missingLibrary = regexp.MustCompile(`(?:^|: )([^\s:]+): cannot open shared object file: (.+?)$|` +
		`Error loading shared library ([^\s:]+): (.+?) \(needed by`)
	missingVersion = regexp.MustCompile("version `((GLIBC|GLIBCXX|CXXABI)_([0-9.]+))' not found")
	missingSymbol  = regexp.MustCompile(`undefined symbol: (\S+?)(?:,|$)|Error relocating .*: (\S+): symbol not found`)
)

// Explain makes what the system's loader said about a library into what is wrong
// and what to do. systemLibc is the version of the C library that is there, such
// as "2.36", or empty where that is not known.
func Explain(path, systemLibc string, err error) error {
	said := err.Error()
	if libc := otherLibc(path, systemLibc); libc != "" {
		return fmt.Errorf("it is built for the C library %s, and this server's system has another one: build it there, "+
			"link it statically, or build a WebAssembly module (%w)", libc, err)
	}
	if m := missingVersion.FindStringSubmatch(said); m != nil {
		if m[2] != "GLIBC" {
			return fmt.Errorf("it needs %s, which this system's C++ library is too old for: build it on a system as old as this one, "+
				"or with -static-libstdc++ -static-libgcc (%w)", m[1], err)
		}
		return fmt.Errorf("it needs glibc %s%s: build it on a system as old as this one, or as a WebAssembly module (%w)",
			m[3], butHas(systemLibc), err)
	}
	if m := missingLibrary.FindStringSubmatch(said); m != nil {
		return fmt.Errorf("it needs the library %s, which can't be loaded here (%s): install it in one of the system's folders, "+
			"or link it into the plugin; one that lies beside the plugin is not found, since the plugin is loaded from a copy",
			m[1]+m[3], m[2]+m[4])
	}
	if m := missingSymbol.FindStringSubmatch(said); m != nil {
		return fmt.Errorf("it uses %s, which neither it nor the libraries have that it was linked with: "+
			"link it with what has that (%w)", m[1]+m[2], err)
	}
	return err
}

func butHas(version string) string {
	if version == "" {
		return ", which is newer than this system's"
	}
	return ", this system has " + version
}

// otherLibc names the C library that a library was linked with, if it is not the
// system's kind.
func otherLibc(path, systemLibc string) string {
	f, err := elf.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	needed, _ := f.ImportedLibraries() // none is an answer too
	has := func(part string) bool {
		return slices.ContainsFunc(needed, func(name string) bool { return strings.Contains(name, part) })
	}
	switch {
	case systemLibc != "" && has("libc.musl-"):
		return "musl"
	case systemLibc == "" && has("libc.so.6"):
		return "glibc"
	case has("libc.so") && !has("libc.so.6") && systemLibc != "":
		return "musl (or another that is named libc.so)"
	default:
		return ""
	}
}
