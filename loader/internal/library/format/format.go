// Package format says what a file is that was put among the plugins and is none:
// for another processor, cut off, a text, a library without init_plugin. The
// system's own messages about such files are for those who know them already.
//
// It reads bytes that anyone may have written, and so belongs into the plugin's
// process.
package format

import (
	"bytes"
	"debug/pe"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"unicode/utf8"
)

// headSize is how much of a file is looked at to see what it is.
const headSize = 4 << 10

// CheckLibrary tells why a file can't be a dynamic library for this platform,
// and what to do. Nil: it may be one; the system's loader decides.
func CheckLibrary(path string) error {
	file, head, err := open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	switch own := nativeMagic(); {
	case len(head) == 0:
		return errEmpty
	case bytes.HasPrefix(head, []byte(elfMagic)):
		if own != elfMagic {
			return foreign("Linux or another system with ELF files")
		}
		return checkELF(file)
	case bytes.HasPrefix(head, []byte("MZ")):
		if own == "MZ" {
			return checkPE(file)
		}
		return foreign("Windows")
	case isMachO(head):
		if own == machO {
			return nil
		}
		return foreign("macOS")
	case bytes.HasPrefix(head, []byte(wasmMagic)):
		return errors.New("it is a WebAssembly module, not a library: name it so that it ends in .wasm")
	}
	return notBinary(head, "a dynamic library of "+platform())
}

// CheckModule tells why a file can't be a WebAssembly module, and what to do.
// Nil: it may be one; compiling it decides.
func CheckModule(binary []byte) error {
	const (
		layerAt   = 6 // of the 8 bytes: magic, version, layer
		headBytes = 8
	)
	head := binary[:min(len(binary), headSize)]
	switch {
	case len(head) == 0:
		return errEmpty
	case bytes.HasPrefix(head, []byte(elfMagic)), bytes.HasPrefix(head, []byte("MZ")), isMachO(head):
		return fmt.Errorf("it is a dynamic library or program, not a WebAssembly module: name it so that it ends in %s", Ending())
	case !bytes.HasPrefix(head, []byte(wasmMagic)):
		return notBinary(head, "a WebAssembly module")
	case len(head) < headBytes:
		return errors.New("the WebAssembly module is cut off: it ends within its header; copy or build it again")
	case head[layerAt] != 0:
		return errors.New("it is a WebAssembly component, not a module: build for wasm32-wasip1 rather than wasm32-wasip2, " +
			"or without wrapping the module up as a component")
	}
	return nil
}

// Ending is what this platform's dynamic libraries end in.
func Ending() string { return endingOf(runtime.GOOS) }

func endingOf(system string) string {
	switch system {
	case "windows":
		return ".dll"
	case "darwin", "ios":
		return ".dylib"
	default:
		return ".so"
	}
}

const (
	elfMagic  = "\x7fELF"
	wasmMagic = "\x00asm"
	machO     = "Mach-O"
)

// nativeMagic is what libraries of this platform begin with.
func nativeMagic() string {
	switch runtime.GOOS {
	case "windows":
		return "MZ"
	case "darwin", "ios":
		return machO
	default:
		return elfMagic
	}
}

var errEmpty = errors.New("the file is empty: build or copy it again")

func platform() string { return runtime.GOOS + "/" + runtime.GOARCH }

func foreign(system string) error {
	return fmt.Errorf("it is built for %s, and this server runs on %s: build it for that, or as a WebAssembly module, which runs on all", system, platform())
}

func isMachO(head []byte) bool {
	return beginsWith(head, "\xfe\xed\xfa\xce", "\xfe\xed\xfa\xcf", "\xce\xfa\xed\xfe", "\xcf\xfa\xed\xfe", "\xca\xfe\xba\xbe")
}

func beginsWith(head []byte, magics ...string) bool {
	return slices.ContainsFunc(magics, func(magic string) bool { return bytes.HasPrefix(head, []byte(magic)) })
}

func checkPE(file io.ReaderAt) error {
	machines := map[string]uint16{"amd64": pe.IMAGE_FILE_MACHINE_AMD64, "arm64": pe.IMAGE_FILE_MACHINE_ARM64}
	f, err := pe.NewFile(file)
	if err != nil {
		return fmt.Errorf("the library is cut off or damaged: build or copy it again (%w)", err)
	}
	if want, ok := machines[runtime.GOARCH]; ok && f.Machine != want {
		return foreign("another processor")
	}
	return nil
}

// notBinary says what a file is that begins like no program.
func notBinary(head []byte, want string) error {
	kind := "it"
	switch {
	case bytes.HasPrefix(head, []byte("#!")):
		kind = "it is a script, and"
	case bytes.HasPrefix(head, []byte("!<arch>\n")):
		kind = "it is a static library (an archive),"
	case beginsWith(head, "\x1f\x8b", "PK\x03\x04", "BZh"):
		kind = "it is packed: unpack it;"
	case isText(head):
		line, _, _ := strings.Cut(strings.TrimSpace(string(head)), "\n")
		kind = fmt.Sprintf("it is a text that begins with %.40q, and", line)
	}
	if kind == "it" {
		return fmt.Errorf("it is not %s: put what your compiler built here", want)
	}
	return fmt.Errorf("%s not %s: put what your compiler built here", kind, want)
}

func isText(head []byte) bool {
	for len(head) > headSize-utf8.UTFMax && !utf8.Valid(head) {
		head = head[:len(head)-1] // a character that the end of the head cuts in two
	}
	return utf8.Valid(head) && !bytes.ContainsAny(head, "\x00\x01\x02\x03\x04\x05\x06\x07")
}

func open(path string) (*os.File, []byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	head := make([]byte, headSize)
	n, err := file.ReadAt(head, 0)
	if err != nil && !errors.Is(err, io.EOF) {
		_ = file.Close()
		return nil, nil, err
	}
	return file, head[:n], nil
}
