package loader

import (
	"debug/elf"
	"encoding/binary"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// A wrongFile is put among the plugins and is none: what Check, the log and
// Plugins have to say of it.
type wrongFile struct {
	name  string // with its ending
	build func(w *workshop)
	want  string
}

// wrongFiles are made by the tools that people make them with.
func wrongFiles() []wrongFile {
	const machine = 18 // where it stands in an ELF header
	return []wrongFile{
		{"arm.so", func(w *workshop) {
			content := w.library()
			binary.LittleEndian.PutUint16(content[machine:], uint16(elf.EM_AARCH64))
			w.write(content)
		}, "it is built for linux/arm64, and this server runs on linux/"},
		{"windows.so", func(w *workshop) { w.goProgram("windows") }, "it is built for Windows, and this server runs on linux/"},
		{"mac.so", func(w *workshop) { w.goProgram("darwin") }, "it is built for macOS, and this server runs on linux/"},
		{"program.so", func(w *workshop) { w.cc("int main(void) { return 0; }") }, "it is a program, not a dynamic library: link it with -shared"},
		{"object.so", func(w *workshop) { w.cc("int x;", "-c") }, "it is an object file, which is not linked yet"},
		{"text.so", func(w *workshop) { w.write([]byte("This is not a library.\n")) }, `it is a text that begins with "This is not a library."`},
		{"cut.so", func(w *workshop) { content := w.library(); w.write(content[:len(content)/2]) }, "the library is cut off or damaged"},
		{"header.so", func(w *workshop) { w.write(w.library()[:200]) }, "the library is cut off or damaged"},
		{"empty.so", func(w *workshop) { w.write(nil) }, "the file is empty"},
		{"mangled.so", func(w *workshop) {
			w.compile("c++", ".cpp", "struct task_host; const void *init_plugin(const task_host *) { return nullptr; }", "-shared", "-fPIC")
		}, `exports no function init_plugin, but _Z11init_pluginPK9task_host, which is C++'s name for it: include task_plugin.h, or declare it extern "C"`},
		{"hidden.so", func(w *workshop) {
			w.cc("__attribute__((used)) static const void *init_plugin(const void *host) { return host; }", "-shared", "-fPIC")
		}, "exports no function init_plugin though it has one: declare it as task_plugin.h does"},
		{"nothing.so", func(w *workshop) { w.cc("int x;", "-shared", "-fPIC") }, "exports no function init_plugin: it is not a plugin"},
		{"missing.so", func(w *workshop) { w.linkedWith("libgone.so.3", "") }, "it needs the library libgone.so.3, which can't be loaded here (No such file"},
		{"musl.so", func(w *workshop) { w.linkedWith("libc.musl-x86_64.so.1", "") }, "it is built for the C library musl, and this server's system has another one"},
		{"newer.so", func(w *workshop) { w.linkedWith("libc.so.6", "GLIBC_9.99 { global: *; };") }, "it needs glibc 9.99, this system has 2."},
		{"undefined.so", func(w *workshop) {
			w.cc("int elsewhere(void); int f(void) { return elsewhere(); }", "-shared", "-fPIC")
		}, "it uses elsewhere, which neither it nor the libraries have that it was linked with"},
		{"abi.so", func(w *workshop) { w.fault("wrong_abi") }, "is built for version 2 of the ABI, this host speaks version 1: build it with the task_plugin.h of this host's version"},
		{"old.so", func(w *workshop) { w.fault("predecessor") }, "was not built with task_plugin.h"},
		{"folder.so", func(w *workshop) { w.check(os.Mkdir(w.path, 0o755)) }, "folder.so is a folder, not a regular file"},
		{"module.so", func(w *workshop) { w.write([]byte("\x00asm\x01\x00\x00\x00")) }, "it is a WebAssembly module, not a library: name it so that it ends in .wasm"},
		{"library.wasm", func(w *workshop) { w.write(w.library()) }, "it is a dynamic library or program, not a WebAssembly module: name it so that it ends in .so"},
		{"component.wasm", func(w *workshop) { w.write([]byte("\x00asm\x0d\x00\x01\x00")) }, "it is a WebAssembly component, not a module"},
	}
}

// TestWrongFilesSayWhatTheyAre has all of them in one folder, beside a good one.
func TestWrongFilesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	plugintest.Need(t, "cc", "c++", "go")
	b := newBench(t)
	files := wrongFiles()
	for _, file := range files {
		file.build(&workshop{t: t, path: b.path(file.name)})
	}
	b.put(math, fixture(t, 1, "ok"))
	b.run()
	b.serves("math", 1)
	log := b.log.String()
	for _, file := range files {
		name, err := pluginName(file.name)
		b.check(err)
		if p := b.plugin(name); p.State != StateFailed || !strings.Contains(p.LastError, file.want) {
			t.Errorf("%s: Plugins has %+v, want %s", file.name, p, file.want)
		}
		_, err = Check(t.Context(), b.path(file.name), Config{LoadTimeout: testPatience, TempDir: t.TempDir(), Logger: slog.New(slog.DiscardHandler)})
		if err == nil || !strings.Contains(err.Error(), file.want) {
			t.Errorf("%s: Check says %v, want %s", file.name, err, file.want)
		}
		if unquoted := strings.ReplaceAll(log, `\"`, `"`); !strings.Contains(unquoted, file.want) {
			t.Errorf("the log does not say of %s: %s\n%s", file.name, file.want, log)
		}
	}
}

const unreadable = "TASK_SCHEDULER_TEST_UNREADABLE"

// TestAFileThatMayNotBeRead is run by a user who isn't root, for whom there is
// no such file.
func TestAFileThatMayNotBeRead(t *testing.T) {
	t.Parallel()
	if path := os.Getenv(unreadable); path != "" {
		_, err := Check(t.Context(), path, Config{Logger: slog.New(slog.DiscardHandler)})
		if err == nil || !strings.Contains(err.Error(), "the server may not read "+path) || !strings.Contains(err.Error(), "0200") {
			t.Errorf("got %v", err)
		}
		return
	}
	folder, err := os.MkdirTemp("", "unreadable-*") //nolint:usetesting // t.TempDir's parent is this user's alone
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	w := &workshop{t: t, path: filepath.Join(folder, "math.so")}
	w.check(os.Chmod(folder, 0o755))
	w.check(os.WriteFile(w.path, nil, 0o600))
	w.check(os.Chmod(w.path, 0o200))
	self := filepath.Join(folder, "test")
	w.run(nil, "cp", os.Args[0], self) // a copy of our own would be open for writing in a process that another test starts
	w.check(os.Chmod(self, 0o755))
	again := exec.CommandContext(t.Context(), self, "-test.run=^TestAFileThatMayNotBeRead$")
	again.Env = append(os.Environ(), unreadable+"="+w.path)
	again.Dir = "/"
	if os.Geteuid() == 0 {
		again.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	}
	if out, err := again.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// A workshop makes one file, at path.
type workshop struct {
	t    *testing.T
	path string
}

func (w *workshop) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *workshop) write(content []byte) {
	w.t.Helper()
	w.check(os.WriteFile(w.path, content, 0o600))
}

// library returns a good one.
func (w *workshop) library() []byte {
	w.t.Helper()
	content, err := os.ReadFile(plugintest.Version(w.t, 1))
	w.check(err)
	return content
}

func (w *workshop) fault(name string) {
	w.t.Helper()
	content, err := os.ReadFile(plugintest.Fault(w.t, name))
	w.check(err)
	w.write(content)
}

func (w *workshop) cc(source string, flags ...string) {
	w.t.Helper()
	w.compile("cc", ".c", source, flags...)
}

func (w *workshop) compile(compiler, ending, source string, flags ...string) {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "source"+ending)
	w.check(os.WriteFile(file, []byte(source), 0o600))
	w.run(nil, compiler, append([]string{"-o", w.path, file}, flags...)...)
}

// linkedWith makes a library that needs another, which is gone since, or which
// has a symbol in a version of its own.
func (w *workshop) linkedWith(name, versions string) {
	w.t.Helper()
	folder := w.t.TempDir()
	other := &workshop{t: w.t, path: filepath.Join(folder, "libother.so")}
	flags := []string{"-shared", "-fPIC", "-Wl,-soname," + name}
	if versions != "" {
		script := filepath.Join(folder, "versions")
		w.check(os.WriteFile(script, []byte(versions), 0o600))
		flags = append(flags, "-Wl,--version-script="+script)
	}
	other.cc("int elsewhere(void) { return 1; }", flags...)
	w.cc("int elsewhere(void); int f(void) { return elsewhere(); }", "-shared", "-fPIC", "-L"+folder, "-lother")
}

func (w *workshop) goProgram(system string) {
	w.t.Helper()
	file := filepath.Join(w.t.TempDir(), "main.go")
	w.check(os.WriteFile(file, []byte("package main\n\nfunc main() {}\n"), 0o600))
	w.run([]string{"GOOS=" + system, "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS="}, "go", "build", "-o", w.path, file)
}

func (w *workshop) run(env []string, tool string, arguments ...string) {
	w.t.Helper()
	command := exec.CommandContext(w.t.Context(), tool, arguments...)
	command.Env = append(os.Environ(), env...)
	if out, err := command.CombinedOutput(); err != nil {
		w.t.Fatalf("%s: %v\n%s", command, err, out)
	}
}
