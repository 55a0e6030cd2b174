package format

import (
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
)

// machines are the processors of Go's architectures.
var machines = map[string]elf.Machine{
	"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64, "riscv64": elf.EM_RISCV, "loong64": elf.EM_LOONGARCH,
	"ppc64le": elf.EM_PPC64, "s390x": elf.EM_S390, "386": elf.EM_386, "arm": elf.EM_ARM,
}

// checkELF tells why the system can't load an ELF file as a library. Some of it
// the system would find out by crashing.
func checkELF(file *os.File) error {
	f, err := elf.NewFile(file)
	if err != nil {
		return cutOff(err)
	}
	if want, ok := machines[runtime.GOARCH]; ok && f.Machine != want {
		return foreign(processor(f.Machine))
	}
	switch f.Type {
	case elf.ET_DYN:
	case elf.ET_REL:
		return errors.New("it is an object file, which is not linked yet: link it with -shared")
	case elf.ET_EXEC:
		return errProgram
	default:
		return fmt.Errorf("it is an ELF file, but no dynamic library (%s): link it with -shared", f.Type)
	}
	if isProgram(f) {
		return errProgram
	}
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	for _, p := range f.Progs {
		if end := p.Off + p.Filesz; p.Type == elf.PT_LOAD && (end > uint64(size) || end < p.Off) {
			return cutOff(fmt.Errorf("it has %d bytes and should have %d at least", size, end))
		}
	}
	return nil
}

var errProgram = errors.New("it is a program, not a dynamic library: link it with -shared " +
	"(Rust: crate-type = [\"cdylib\"]; Go: -buildmode=c-shared)")

func cutOff(cause error) error {
	return fmt.Errorf("the library is cut off or damaged: build or copy it again (%w)", cause)
}

// isProgram tells whether an ELF file that could be a library is a program that
// may lie anywhere in memory.
func isProgram(f *elf.File) bool {
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP {
			entries, err := f.DynValue(elf.DT_FLAGS_1)
			return err == nil && len(entries) > 0 && elf.DynFlag1(entries[0])&elf.DF_1_PIE != 0
		}
	}
	return false
}

func processor(machine elf.Machine) string {
	for name, m := range machines {
		if m == machine {
			return "linux/" + name
		}
	}
	return "another processor (" + strings.TrimPrefix(machine.String(), "EM_") + ")"
}

// NoInit says why a library that could be opened has no init_plugin, and what to
// do about it.
func NoInit(path string) error {
	const nothing = "the library exports no function init_plugin"
	f, err := elf.Open(path)
	if err != nil {
		return errors.New(nothing + ": it is not a plugin, or hides its symbols")
	}
	defer f.Close()
	exported, _ := f.DynamicSymbols() // none is an answer too
	for _, s := range exported {
		if strings.HasPrefix(s.Name, "_Z") && strings.Contains(s.Name, "11init_plugin") {
			return fmt.Errorf(nothing+", but %s, which is C++'s name for it: "+
				`include task_plugin.h, or declare it extern "C"`, s.Name)
		}
	}
	inside, _ := f.Symbols()
	for _, s := range inside {
		if s.Name == "init_plugin" && s.Section != elf.SHN_UNDEF {
			return errors.New(nothing + " though it has one: declare it as task_plugin.h does, not static and with TASK_PLUGIN_EXPORT, " +
				`and in Rust pub extern "C" with #[no_mangle]`)
		}
	}
	return errors.New(nothing + ": it is not a plugin (those of the server's predecessor must be built anew with task_plugin.h)")
}
