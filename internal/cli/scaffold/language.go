package scaffold

import (
	"cmp"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/taskscheduler/taskscheduler/abi"
)

// header is the one file that a plugin needs, whatever it is written in.
const header = "task_plugin.h"

// A language is what folders of plugins are written in.
type language struct {
	name, title string
	// about says in the README which file is what.
	about string
	// build and test are commands in the folder; built is what build makes, on this
	// system and on others.
	build, test string
	built       []string
	// helpers are the files and folders of abi that are copied, and where to.
	helpers map[string]string
	// own is where the templates find the header and the helper in their own folder,
	// there where they lie in another one; nil: they are always copied.
	own   string
	there func(helpers string) (string, error)
}

// languages are those that there are, in the order in which they are shown.
func languages() []language {
	libraries := func(folder string) []string {
		names := []string{"lib__NAME__.so", "lib__NAME__.dylib", "__NAME__.dll"}
		for i, name := range names {
			names[i] = path.Join(folder, name)
		}
		return names
	}
	absolute := func(helpers string) (string, error) { return helpers, nil }
	return []language{
		{
			name: "c", title: "C", build: "make", test: "make test", built: libraries(""),
			about:   "`plugin.c` has the tasks, `test.c` their test. `task_plugin.h` is the whole interface to the server.",
			helpers: map[string]string{header: header}, own: ".", there: absolute,
		},
		{
			name: "cpp", title: "C++", build: "make", test: "make test", built: libraries(""),
			about:   "`plugin.cpp` has the tasks, `test.cpp` their test. `task_plugin.hpp` makes a plugin of functions, over `task_plugin.h`.",
			helpers: map[string]string{header: header, header + "pp": header + "pp"}, own: ".", there: absolute,
		},
		{
			name: "rust", title: "Rust", build: "cargo build --release", test: "cargo test", built: libraries("target/release"),
			about: "`src/lib.rs` has the tasks with their tests, and the crate `task-plugin` makes a plugin of them. As WebAssembly:\n" +
				"`rustup target add wasm32-wasip1`, and `cargo build --release --target wasm32-wasip1`.",
			helpers: map[string]string{"rust": "task-plugin"}, own: "task-plugin",
			there: func(helpers string) (string, error) { return path.Join(helpers, "rust"), nil },
		},
		{
			name: "go", title: "Go", build: "go build -buildmode=c-shared -o " + libraryName() + " .", test: "go test .",
			built: libraries(""),
			about: "`plugin.go` has the tasks, `plugin_test.go` their tests, and the package `taskplugin` makes a plugin of them. It takes\n" +
				"Go and a C compiler. As WebAssembly, which takes Go alone and runs everywhere, but slower and without threads and\n" +
				"sockets: `GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -o __NAME__.wasm .`",
			helpers: map[string]string{"taskplugin": "taskplugin", header: "taskplugin/" + header},
			own:     "example.com/__NAME__/taskplugin",
			there:   func(string) (string, error) { return module + "/abi/taskplugin", nil },
		},
		{
			name: "zig", title: "Zig", build: "zig build-lib -dynamic -O ReleaseSafe --name __NAME__ plugin.zig", test: "zig test plugin.zig",
			built: libraries(""),
			about: "`plugin.zig` has the tasks with their tests, and `task_plugin.zig` makes a plugin of them. It takes Zig 0.14 or newer.\n" +
				"As WebAssembly: `zig build-exe -target wasm32-freestanding -fno-entry -rdynamic -O ReleaseSmall --name __NAME__ plugin.zig`.",
			helpers: map[string]string{"zig/task_plugin.zig": "task_plugin.zig"},
		},
		{
			name: "assemblyscript", title: "AssemblyScript",
			build: "npm install --no-audit --no-fund", test: "npm test", built: []string{"__NAME__.wasm"},
			about: "`assembly/index.ts` has the tasks, `test.mjs` their test, and `assembly/task_plugin.ts` makes a plugin of them. The first\n" +
				"build gets the compiler from npm; later `npm run build` does. The module runs wherever the server does.",
			helpers: map[string]string{"assemblyscript/task_plugin.ts": "assembly/task_plugin.ts"},
		},
	}
}

func find(name string) (language, error) {
	all := languages()
	at := slices.IndexFunc(all, func(l language) bool { return l.name == name })
	if at < 0 {
		return language{}, fmt.Errorf("there is no template in %q: choose one of %s", name, strings.Join(Languages(), ", "))
	}
	return all[at], nil
}

// Languages are the names of those that there are templates in.
func Languages() []string {
	all := languages()
	names := make([]string, len(all))
	for i, l := range all {
		names[i] = l.name
	}
	return names
}

// library returns what the build makes on this system.
func (l language) library() string {
	ending := path.Ext(libraryName())
	at := slices.IndexFunc(l.built, func(name string) bool { return path.Ext(name) == ending })
	return l.built[max(at, 0)]
}

func libraryName() string {
	switch runtime.GOOS {
	case "windows":
		return "__NAME__.dll"
	case "darwin":
		return "lib__NAME__.dylib"
	default:
		return "lib__NAME__.so"
	}
}

// helperFiles returns the contents of the helpers, by where they go.
func (l language) helperFiles() (map[string][]byte, error) {
	files := make(map[string][]byte)
	for from, to := range l.helpers {
		err := fs.WalkDir(abi.Files, from, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(name, "_test.go") {
				return err
			}
			content, err := abi.Files.ReadFile(name)
			files[cmp.Or(path.Join(to, strings.TrimPrefix(name, from)), to)] = content
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return files, nil
}

// slashed is a path as Makefiles, Cargo.toml and go.mod want it.
func slashed(folder string) string { return filepath.ToSlash(folder) }
