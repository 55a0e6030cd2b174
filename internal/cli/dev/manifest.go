package dev

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/BurntSushi/toml"

	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
)

// manifestName is the file that says how a folder is built.
const manifestName = "plugin.toml"

// A manifest says how a folder is built.
type manifest struct {
	// Build is a command for the shell, Library what it makes: the names that it
	// may have on different systems.
	Build   string   `toml:"build"`
	Library []string `toml:"library"`
}

// readManifest returns what a folder's manifest says. What build and library say
// counts more, where they aren't empty.
func readManifest(folder, build, library string) (manifest, error) {
	var m manifest
	read, err := toml.DecodeFile(filepath.Join(folder, manifestName), &m)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if info, failed := os.Stat(folder); failed != nil || !info.IsDir() {
			return m, exit.Usagef("%s is not a folder", folder)
		}
	case err != nil:
		return m, exit.Usagef("%s: %w", filepath.Join(folder, manifestName), err)
	case len(read.Undecoded()) > 0:
		file, key := filepath.Join(folder, manifestName), read.Undecoded()[0].String()
		return m, exit.Usagef("%s: unknown key %q: want build and library", file, key)
	}
	if build != "" {
		m.Build = build
	}
	if library != "" {
		m.Library = []string{library}
	}
	if m.Build == "" || len(m.Library) == 0 {
		return m, exit.Usagef("%s doesn't say how it is built: give it a %s with build = \"make\" and library = [\"libhello.so\"], "+
			"or use --build and --library", folder, manifestName)
	}
	return m, nil
}

// built returns the library that a build has made: the newest of those that there
// are.
func (m manifest) built(folder string) (string, error) {
	newest, path := fs.FileInfo(nil), ""
	for _, name := range m.Library {
		at := filepath.Join(folder, filepath.FromSlash(name))
		if info, err := os.Stat(at); err == nil && (newest == nil || info.ModTime().After(newest.ModTime())) {
			newest, path = info, at
		}
	}
	if newest == nil {
		return "", fmt.Errorf("the build made none of %s, which %s says that it makes", strings.Join(m.Library, ", "), manifestName)
	}
	return path, nil
}
