package format

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEndings(t *testing.T) {
	for system, want := range map[string]string{"linux": ".so", "freebsd": ".so", "darwin": ".dylib", "windows": ".dll"} {
		if got := endingOf(system); got != want {
			t.Errorf("%s: got %s, want %s", system, got, want)
		}
	}
}

func TestCheckModule(t *testing.T) {
	for name, test := range map[string]struct{ content, want string }{
		"a module":         {"\x00asm\x01\x00\x00\x00", ""},
		"a component":      {"\x00asm\x0d\x00\x01\x00", "it is a WebAssembly component, not a module: build for wasm32-wasip1"},
		"half a header":    {"\x00asm\x01", "cut off"},
		"nothing":          {"", "the file is empty"},
		"an ELF file":      {"\x7fELF\x02\x01\x01", "it is a dynamic library or program, not a WebAssembly module"},
		"a Windows file":   {"MZ\x90", "it is a dynamic library or program, not a WebAssembly module"},
		"WebAssembly text": {"(module)", `it is a text that begins with "(module)", and not a WebAssembly module`},
		"a packed file":    {"\x1f\x8b\x08", "it is packed: unpack it; not a WebAssembly module"},
		"anything":         {"\xff\x00\x01", "it is not a WebAssembly module"},
	} {
		t.Run(name, func(t *testing.T) { wants(t, CheckModule([]byte(test.content)), test.want) })
	}
}

func TestCheckLibraryOfOtherThings(t *testing.T) {
	for name, test := range map[string]struct{ content, want string }{
		"nothing":         {"", "the file is empty"},
		"a script":        {"#!/bin/sh\n", "it is a script, and not a dynamic library"},
		"a static one":    {"!<arch>\nlib.o", "it is a static library (an archive), not a dynamic library"},
		"a module":        {"\x00asm\x01\x00\x00\x00", "it is a WebAssembly module, not a library: name it so that it ends in .wasm"},
		"a text":          {"hello, world\n" + strings.Repeat("é", headSize), `it is a text that begins with "hello, world", and not a dynamic library`},
		"a packed file":   {"PK\x03\x04", "it is packed: unpack it;"},
		"a damaged one":   {nativeMagic(), "cut off or damaged"},
		"somebody's data": {"\x00\x00\xff", "it is not a dynamic library of "},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "a damaged one" && nativeMagic() == machO {
				t.Skip("the system itself tells of damaged libraries")
			}
			path := filepath.Join(t.TempDir(), "x")
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			wants(t, CheckLibrary(path), test.want)
		})
	}
	if err := CheckLibrary(filepath.Join(t.TempDir(), "nothing")); !os.IsNotExist(err) {
		t.Errorf("got %v for a file that isn't there", err)
	}
}

// FuzzCheck: what is put among the plugins may be anything.
func FuzzCheck(f *testing.F) {
	for _, seed := range []string{"", "\x7fELF\x02\x01\x01", "MZ", "\x00asm\x01\x00\x00\x00", "\xcf\xfa\xed\xfe", "text"} {
		f.Add([]byte(seed))
	}
	if own, err := os.ReadFile(os.Args[0]); err == nil {
		f.Add(own[:headSize])
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "x")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		_ = CheckLibrary(path)
		_ = CheckModule(content)
		if NoInit(path) == nil {
			t.Error("no reason")
		}
	})
}

func wants(t *testing.T, err error, want string) {
	t.Helper()
	switch {
	case want == "" && err != nil:
		t.Errorf("got %v", err)
	case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
		t.Errorf("got %v, want %s", err, want)
	}
}
