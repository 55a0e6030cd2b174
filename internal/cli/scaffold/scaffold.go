// Package scaffold writes folders for new plugins: sources with a few tasks, a
// test, and what builds them with one command. The header and the helper are
// copied in, as they are in this version, so that a folder stands alone.
package scaffold

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

//go:embed templates
var templates embed.FS

// module is this module's path.
const module = "github.com/taskscheduler/taskscheduler"

// Options say what to write.
type Options struct {
	// Language is one of [Languages].
	Language string
	// Folder is where: it must not exist, or be empty. Its last element is the
	// plugin's name.
	Folder string
	// Helpers is a folder abi whose header and helper are used by path; empty: they
	// are copied.
	Helpers string
}

// A Made is what was written.
type Made struct {
	// Name is the plugin's, Title the language's.
	Name, Title string
	// Build and Test are commands in the folder; Library is what Build makes there.
	Build, Test, Library string
}

// New writes a plugin's folder. When that fails nothing is left of it.
func New(o Options) (Made, error) {
	l, err := find(o.Language)
	if err != nil {
		return Made{}, err
	}
	if o.Folder == "" { // which would be the current one
		return Made{}, errors.New("the plugin needs a name, such as hello")
	}
	folder, err := filepath.Abs(o.Folder)
	if err != nil {
		return Made{}, err
	}
	name := filepath.Base(folder)
	if err := checkName(name); err != nil {
		return Made{}, err
	}
	files, err := l.files(name, o.Helpers)
	if err != nil {
		return Made{}, err
	}
	if err := write(folder, files); err != nil {
		return Made{}, err
	}
	named := strings.NewReplacer("__NAME__", name)
	return Made{
		Name: name, Title: l.title,
		Build: named.Replace(l.build), Test: named.Replace(l.test), Library: named.Replace(l.library()),
	}, nil
}

var goodName = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// reserved are names that compilers or package managers keep for themselves.
const reserved = " alloc as async await break const continue core crate dyn else enum extern false fn for if impl in let loop match " +
	"mod move mut plugin proc_macro pub ref return self static std struct super task_plugin test trait true type unsafe use where while "

// checkName tells what is wrong with a name that becomes a file's, a crate's and
// a module's, and the part before :: of the tasks' names.
func checkName(name string) error {
	switch {
	case !goodName.MatchString(name):
		return fmt.Errorf("%q is not a good name for a plugin: want up to 64 of a-z, 0-9 and _, a letter first, such as image_tools", name)
	case strings.HasPrefix(name, "lib"):
		return fmt.Errorf("%q is not a good name for a plugin: the server takes a leading lib off a file's name", name)
	case strings.Contains(reserved, " "+name+" "):
		return fmt.Errorf("%q is not a good name for a plugin: a compiler keeps it for itself; choose another", name)
	default:
		return nil
	}
}

// files returns the contents of all files of a plugin's folder, by their names.
func (l language) files(name, helpers string) (map[string][]byte, error) {
	files := make(map[string][]byte)
	words := map[string]string{"__ABI__": l.own, "__GO__": "1.25", "__REQUIRE__": ""}
	var err error
	switch {
	case helpers == "":
		files, err = l.helperFiles()
	case l.there == nil:
		return nil, fmt.Errorf("in %s the helper is always copied: leave the path to it out", l.title)
	default:
		err = l.byPath(helpers, words)
	}
	if err != nil {
		return nil, err
	}
	replace := l.replacer(name, words)
	root := path.Join("templates", l.name)
	err = fs.WalkDir(templates, root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		content, err := templates.ReadFile(file)
		files[strings.TrimSuffix(strings.TrimPrefix(file, root+"/"), ".tmpl")] = []byte(replace(string(content)))
		return err
	})
	if err != nil {
		return nil, err
	}
	readme, err := templates.ReadFile("templates/README.md.tmpl")
	files["README.md"] = []byte(replace(string(readme)))
	files["plugin.toml"] = []byte(replace(l.manifest()))
	files[".gitignore"] = []byte(replace("*.so\n*.dylib\n*.dll\n*.wasm\n*.o\n/lib__NAME__.h\n/run_test\n/target/\n/node_modules/\n"))
	return files, err
}

// replacer returns what fills in a template.
func (l language) replacer(name string, words map[string]string) func(string) string {
	maps.Copy(words, map[string]string{
		"__TITLE__": l.title, "__ABOUT__": l.about, "__BUILD__": l.build, "__TEST__": l.test,
		"__LIBRARY__": l.library(), "__LIBRARY_DIR__": path.Dir(l.library()),
	})
	pairs := make([]string, 0, 2*len(words))
	for word, text := range words {
		pairs = append(pairs, word, text)
	}
	first, second := strings.NewReplacer(pairs...), strings.NewReplacer("__NAME__", name)
	return func(text string) string { return second.Replace(first.Replace(text)) }
}

// manifest is the plugin.toml.
func (l language) manifest() string {
	return fmt.Sprintf("# For task-scheduler plugin dev: what builds this folder, and what that makes, by system.\nbuild = %q\nlibrary = [%s]\n",
		l.build, `"`+strings.Join(l.built, `", "`)+`"`)
}

// byPath has the templates use the helper where it lies.
func (l language) byPath(helpers string, words map[string]string) error {
	folder, err := filepath.Abs(helpers)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(folder, header)); err != nil {
		return fmt.Errorf("%s is not the folder of the header and the helpers: %w", helpers, err)
	}
	if words["__ABI__"], err = l.there(slashed(folder)); err != nil {
		return err
	}
	text, err := os.ReadFile(filepath.Join(folder, "..", "go.mod"))
	if err != nil && l.name == "go" {
		return fmt.Errorf("in Go the helpers are a part of their module: %w", err)
	}
	if found := regexp.MustCompile(`(?m)^go (\S+)$`).FindSubmatch(text); found != nil {
		words["__GO__"] = string(found[1]) // what needs a module needs its Go
	}
	words["__REQUIRE__"] = fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => %s\n", module, module, slashed(filepath.Dir(folder)))
	return nil
}

// write writes files into a folder that has none.
func write(folder string, files map[string][]byte) (err error) {
	entries, err := os.ReadDir(folder)
	there := err == nil
	switch {
	case there && len(entries) > 0:
		return fmt.Errorf("%s is there already and not empty: choose another name, or remove it", folder)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	defer func() {
		if err != nil && !there {
			_ = os.RemoveAll(folder)
		}
	}()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		target := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil { //nolint:gosec // sources, as the user's umask has them
			return err
		}
		if err := os.WriteFile(target, files[name], 0o644); err != nil { //nolint:gosec // the same
			return err
		}
	}
	return nil
}
