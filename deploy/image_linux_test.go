package deploy_test

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// TestImages builds what the Dockerfile builds, puts together what its last stages
// would copy, and runs that as a container does: another root, that can't be
// written to, another user, process 1.
func TestImages(t *testing.T) {
	t.Parallel()
	stages := readDockerfile(t)
	built := t.TempDir()
	context := filepath.Join(built, "src")
	copyContext(t, context)
	for _, command := range stages["build"].runs {
		if strings.Contains(command, "go mod download") {
			continue
		}
		sh := exec.CommandContext(t.Context(), "sh", "-ec", strings.ReplaceAll(command, "/out/", built+"/out/"))
		if strings.HasPrefix(command, "mkdir ") {
			sh = exec.CommandContext(t.Context(), "mkdir", "-p", built+"/out/empty")
		}
		sh.Dir, sh.Env = context, append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=",
			"STAMP=-X github.com/taskscheduler/taskscheduler/cmd.version=v1.2.3")
		if text, err := sh.CombinedOutput(); err != nil {
			t.Fatalf("RUN %s: %v\n%s", command, err, text)
		}
	}
	t.Run("native", func(t *testing.T) {
		t.Parallel()
		s, root := stages["native"], t.TempDir()
		if s.base != "debian:bookworm-slim" {
			t.Fatalf("this test does not know what %s has", s.base)
		}
		addLibraries(t, root, filepath.Join(built, "out", "native", "task-scheduler"))
		s.fill(t, root, built)
		for _, language := range []string{"c", "cpp"} {
			install(t, plugintest.Compile(t, plugintest.Example(t, language)), root, "lib"+language+".so")
		}
		s.check(t, root, "c::multiply", "cpp::multiply")
	})
	t.Run("static", func(t *testing.T) {
		t.Parallel()
		s, root := stages["static"], t.TempDir()
		if s.base != "scratch" {
			t.Fatalf("the static image is made from %s", s.base)
		}
		s.fill(t, root, built)
		checkStatic(t, filepath.Join(root, s.entrypoint[0]))
		install(t, plugintest.CompileWASM(t, plugintest.Example(t, "c")), root, "c.wasm")
		install(t, plugintest.Compile(t, plugintest.Example(t, "c")), root, "libnative.so")
		printed := s.check(t, root, "c::multiply")
		if !strings.Contains(printed, "this server is a static program") {
			t.Errorf("why a dynamic library can't be loaded isn't said:\n%s", printed)
		}
	})
}

// fill copies what the stage copies.
func (s *stage) fill(t *testing.T, root, built string) {
	t.Helper()
	makeMountPoints(t, root, "tmp") // the base image of native ones has the last
	for _, step := range s.copies {
		from, to := step.from, filepath.Join(root, step.to)
		if rest, ok := strings.CutPrefix(from, "/out/"); ok {
			from = filepath.Join(built, "out", rest)
		}
		info, err := os.Stat(from)
		switch {
		case err != nil:
			t.Fatal(err)
		case info.IsDir():
			err = os.MkdirAll(to, 0o755)
		default:
			err = copyFile(from, to, info.Mode())
		}
		if mode, _ := strconv.ParseUint(step.mode, 8, 32); err == nil && mode != 0 {
			err = os.Chmod(to, os.FileMode(mode&0o777))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// makeMountPoints makes what a container engine mounts something at.
func makeMountPoints(t *testing.T, root string, others ...string) {
	t.Helper()
	for _, folder := range append([]string{"proc", "dev"}, others...) {
		if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "dev", "null"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(root, 0o755); err != nil { // made for its owner alone
		t.Fatal(err)
	}
}

func install(t *testing.T, library, root, name string) {
	t.Helper()
	if err := copyFile(library, filepath.Join(root, "libraries", name), 0o644); err != nil {
		t.Fatal(err)
	}
}

// check starts the image, calls the methods and the health check, stops it, and
// returns what it has printed.
func (s *stage) check(t *testing.T, root string, methods ...string) string {
	t.Helper()
	// Other servers run on this machine; in a container the port is its own. The first counts.
	env := append([]string{"TASK_SCHEDULER_ADDR=127.0.0.1:0", "TASK_SCHEDULER_PROBE_ADDR=127.0.0.1:0"}, s.env...)
	server := startServer(t, inContainer(t, root, s.user, env, s.entrypoint...))
	server.call(t, "42", methods...)
	health := slices.Clone(s.health)
	health[len(health)-1] = server.addr
	if text, err := inContainer(t, root, s.user, s.env, health...).CombinedOutput(); err != nil || string(text) != "SERVING\n" {
		t.Errorf("the health check says %s, %v", text, err)
	}
	return server.stop(t)
}

// checkStatic makes sure that a program needs nothing else.
func checkStatic(t *testing.T, path string) {
	t.Helper()
	program, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	libraries, err := program.ImportedLibraries()
	if err != nil || len(libraries) > 0 {
		t.Errorf("it needs %q, %v", libraries, err)
	}
	for _, segment := range program.Progs {
		if segment.Type == elf.PT_INTERP {
			t.Error("it needs a dynamic loader")
		}
	}
}

// addLibraries adds what the base image has of libraries, from this machine: that
// of glibc which the server names, and what C++ needs.
func addLibraries(t *testing.T, root, program string) {
	t.Helper()
	for _, file := range []string{program, plugintest.Compile(t, plugintest.Example(t, "cpp"))} {
		text, err := exec.CommandContext(t.Context(), "ldd", file).Output()
		if err != nil {
			t.Fatalf("ldd %s: %v", file, err)
		}
		for _, path := range regexp.MustCompile(`/\S+`).FindAllString(string(text), -1) {
			if err := copyFile(path, filepath.Join(root, path), 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
}
