package scaffold

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"hello": "", "image_tools2": "", "Hello": "not a good name", "2nd": "not a good name", "a-b": "not a good name",
		"../up": "not a good name", "": "not a good name", "libhello": "takes a leading lib off", "crate": "a compiler keeps it",
		"test": "a compiler keeps it", "a" + strings.Repeat("b", 64): "not a good name",
	} {
		err := checkName(name)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: got %v, want %q", name, err, want)
		}
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "hello")
	if _, err := New(Options{Language: "c", Folder: folder}); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(filepath.Join(folder, "plugin.c"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = New(Options{Language: "cpp", Folder: folder})
	if err == nil || !strings.Contains(err.Error(), "is there already and not empty") {
		t.Errorf("got %v", err)
	}
	after, err := os.ReadFile(filepath.Join(folder, "plugin.c"))
	if err != nil || !slices.Equal(before, after) {
		t.Errorf("plugin.c is another now: %v", err)
	}
	if _, err := os.Stat(filepath.Join(folder, "plugin.cpp")); err == nil {
		t.Error("another language's files have come beside it")
	}
}

func TestAnEmptyFolderIsTaken(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "hello")
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if made, err := New(Options{Language: "rust", Folder: folder}); err != nil || made.Name != "hello" || made.Title != "Rust" {
		t.Errorf("got %+v, %v", made, err)
	}
}

func TestWhatCannotBeMade(t *testing.T) {
	parent := t.TempDir()
	file := filepath.Join(parent, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for want, o := range map[string]Options{
		`no template in "cobol": choose one of c, cpp, rust, go, zig, assemblyscript`: {Language: "cobol", Folder: filepath.Join(parent, "x")},
		"the plugin needs a name":            {Language: "c"},
		"not a directory":                    {Language: "c", Folder: filepath.Join(file, "x")},
		"the helper is always copied":        {Language: "zig", Folder: filepath.Join(parent, "x"), Helpers: parent},
		"not the folder of the header":       {Language: "rust", Folder: filepath.Join(parent, "x"), Helpers: parent},
		`"2x" is not a good name`:            {Language: "c", Folder: filepath.Join(parent, "2x")},
		"file is there already and not empt": {Language: "c", Folder: file},
	} {
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), want) && !strings.Contains(err.Error(), "not a directory") {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	if entries, err := os.ReadDir(parent); err != nil || len(entries) != 1 {
		t.Errorf("something was left: %v, %v", entries, err)
	}
}

// TestNoWordIsLeft: a template's words are all filled in.
func TestNoWordIsLeft(t *testing.T) {
	for _, name := range Languages() {
		l, err := find(name)
		if err != nil {
			t.Fatal(err)
		}
		files, err := l.files("hello", "")
		if err != nil {
			t.Fatal(err)
		}
		for file, content := range files {
			if strings.Contains(string(content), "__NAME__") || strings.Contains(string(content), "__ABI__") {
				t.Errorf("%s: %s has a word that is not filled in", name, file)
			}
		}
		for _, file := range []string{"README.md", "plugin.toml", ".gitignore"} {
			if files[file] == nil {
				t.Errorf("%s has no %s", name, file)
			}
		}
	}
}
