package scaffold_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/scaffold"
	"github.com/taskscheduler/taskscheduler/internal/plugintest"
	"github.com/taskscheduler/taskscheduler/server"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestMain(m *testing.M) {
	server.BecomePlugin()
	m.Run()
}

// needs are the tools that the languages' folders are built with.
var needs = map[string][]string{
	"c": {"cc", "make"}, "cpp": {"c++", "make"}, "rust": {"cargo"}, "go": {"cc"}, "zig": {"zig"}, "assemblyscript": {"npm", "node"},
}

// TestFoldersAreBuiltTestedAndServed does with each language's folder what its
// author does, by the commands that are told.
func TestFoldersAreBuiltTestedAndServed(t *testing.T) {
	t.Parallel()
	for _, language := range scaffold.Languages() {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			plugintest.Need(t, append(needs[language], "sh")...)
			folder := filepath.Join(t.TempDir(), "hello")
			made, err := scaffold.New(scaffold.Options{Language: language, Folder: folder})
			if err != nil {
				t.Fatal(err)
			}
			sh(t, folder, made.Build)
			sh(t, folder, made.Test)
			serves(t, filepath.Join(folder, made.Library))
		})
	}
}

// TestHelpersAreUsedWhereTheyLie builds folders that have no copies.
func TestHelpersAreUsedWhereTheyLie(t *testing.T) {
	t.Parallel()
	helpers := plugintest.Path(t, "abi")
	for _, language := range []string{"c", "cpp", "rust", "go"} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			plugintest.Need(t, append(needs[language], "sh")...)
			folder := filepath.Join(t.TempDir(), "hello")
			made, err := scaffold.New(scaffold.Options{Language: language, Folder: folder, Helpers: helpers})
			if err != nil {
				t.Fatal(err)
			}
			for _, copied := range []string{"task_plugin.h", "task_plugin.hpp", "task-plugin", "taskplugin"} {
				if _, err := os.Stat(filepath.Join(folder, copied)); err == nil {
					t.Errorf("%s was copied", copied)
				}
			}
			sh(t, folder, made.Build)
			sh(t, folder, made.Test)
			if _, err := os.Stat(filepath.Join(folder, made.Library)); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestOtherBuilds is about what the READMEs say can be built as well.
func TestOtherBuilds(t *testing.T) {
	t.Parallel()
	for language, build := range map[string]struct{ command, made string }{
		"rust": {"cargo build --release --target wasm32-wasip1", "target/wasm32-wasip1/release/hello.wasm"},
		"go":   {"GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o hello.wasm .", "hello.wasm"},
		"zig":  {"zig build-exe -target wasm32-freestanding -fno-entry -rdynamic -O ReleaseSmall --name hello plugin.zig", "hello.wasm"},
	} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			plugintest.Need(t, append(needs[language], "sh")...)
			if language == "rust" {
				plugintest.NeedRustTarget(t, "wasm32-wasip1")
			}
			folder := filepath.Join(t.TempDir(), "hello")
			if _, err := scaffold.New(scaffold.Options{Language: language, Folder: folder}); err != nil {
				t.Fatal(err)
			}
			readme, err := os.ReadFile(filepath.Join(folder, "README.md"))
			if err != nil || !strings.Contains(string(readme), "`"+build.command+"`") {
				t.Errorf("the README does not tell %s: %v", build.command, err)
			}
			sh(t, folder, build.command)
			serves(t, filepath.Join(folder, build.made))
		})
	}
}

// serves puts a library before a server and calls its tasks.
func serves(t *testing.T, library string) {
	t.Helper()
	c := started(t, library)
	if got, err := client.Call[string](t.Context(), c, "hello::greet", "Ada"); got != "hello Ada" || err != nil {
		t.Errorf("greet: got %q, %v", got, err)
	}
	if got, err := client.Call[int64](t.Context(), c, "hello::multiply", 6, 7); got != 42 || err != nil {
		t.Errorf("multiply: got %d, %v", got, err)
	}
	_, err := c.Run(t.Context(), "hello::multiply", int64(1<<62), 2)
	if failure := task.ErrorOf(err); failure == nil || failure.Code != task.InvalidArgument ||
		!strings.Contains(failure.Error(), "does not fit an int64") {
		t.Errorf("multiply: got %v", err)
	}
}

// started starts a server with a library, until the test ends.
func started(t *testing.T, library string) *client.Client {
	t.Helper()
	dir := t.TempDir()
	content, err := os.ReadFile(library)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, filepath.Base(library)), content, 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := server.Listen(server.Config{
		Tasks: new(task.Registry), Addr: "127.0.0.1:0", AdminAddr: "off", LibraryDir: dir, Logger: slog.New(slog.DiscardHandler),
		PluginLoadTimeout: 10 * time.Minute, // Go's WebAssembly is compiled for longer than the default on a busy machine
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	<-s.Ready() // until then nobody is answered, and a client gives up
	c, err := client.New(client.Config{Addr: s.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func sh(t *testing.T, folder, script string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "sh", "-ec", script)
	command.Dir = folder
	command.Env = append(os.Environ(), "GOFLAGS=", "GOWORK=off", "CARGO_NET_OFFLINE=true")
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
}

// TestGuide builds the smallest plugins, those of docs/plugins.md, in folders for
// their languages.
func TestGuide(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(plugintest.Path(t, "docs", "plugins.md"))
	if err != nil {
		t.Fatal(err)
	}
	for language, source := range map[string]struct{ file, tag string }{
		"cpp": {"plugin.cpp", "cpp"}, "rust": {"src/lib.rs", "rust"}, "go": {"plugin.go", "go"}, "zig": {"plugin.zig", "zig"},
		"assemblyscript": {"assembly/index.ts", "ts"},
	} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			plugintest.Need(t, append(needs[language], "sh")...)
			folder := filepath.Join(t.TempDir(), "hello")
			made, err := scaffold.New(scaffold.Options{Language: language, Folder: folder})
			if err != nil {
				t.Fatal(err)
			}
			_, block, found := strings.Cut(string(guide), "```"+source.tag+"\n")
			block, _, ended := strings.Cut(block, "```\n")
			if !found || !ended {
				t.Fatalf("docs/plugins.md has nothing in %s", source.tag)
			}
			if err := os.WriteFile(filepath.Join(folder, source.file), []byte(block), 0o600); err != nil {
				t.Fatal(err)
			}
			sh(t, folder, made.Build)
			host := started(t, filepath.Join(folder, made.Library))
			if got, err := client.Call[string](t.Context(), host, "hello::greet", "Ada"); got != "hello Ada" || err != nil {
				t.Errorf("greet: got %q, %v", got, err)
			}
		})
	}
}
