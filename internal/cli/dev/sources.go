package dev

import (
	"hash/maphash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A source is a file that a build may read.
type source struct {
	size     int64
	modified time.Time
	sum      uint64 // of its contents
}

// sources know what a folder's files were when they were looked at last. One
// goroutine uses them.
type sources struct {
	folder string
	seed   maphash.Seed
	header []string // what Go writes beside a library
	files  map[string]source
	// earliest is when the first of the files was written that have changed since it
	// was set to zero.
	earliest time.Time
}

// newSources returns the sources of a folder in which a build makes libraries.
func newSources(folder string, libraries []string) *sources {
	s := &sources{folder: folder, seed: maphash.MakeSeed()}
	for _, library := range libraries {
		s.header = append(s.header, filepath.Join(folder, strings.TrimSuffix(library, filepath.Ext(library))+".h"))
	}
	return s
}

// look tells whether a file has come, gone or got other contents since the look
// before. What can't be read doesn't count.
func (s *sources) look() (changed bool) {
	found := make(map[string]source, len(s.files))
	_ = filepath.WalkDir(s.folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return nil //nolint:nilerr // it has gone since, or is none of ours
		case entry.IsDir() && path != s.folder && (isHidden(entry.Name()) || slices.Contains(madeFolders, entry.Name())):
			return filepath.SkipDir
		case !entry.Type().IsRegular() || isMade(entry.Name()) || slices.Contains(s.header, path):
			return nil
		}
		if file, ok := s.stat(path, entry); ok {
			found[path] = file
		}
		return nil
	})
	changed = len(found) != len(s.files)
	for path, file := range found {
		if before, ok := s.files[path]; ok && before.sum == file.sum {
			continue
		}
		changed = true
		if s.earliest.IsZero() || file.modified.Before(s.earliest) {
			s.earliest = file.modified
		}
	}
	s.files = found
	return changed
}

func (s *sources) stat(path string, entry fs.DirEntry) (source, bool) {
	info, err := entry.Info()
	if err != nil {
		return source{}, false
	}
	known, seen := s.files[path]
	if seen && known.size == info.Size() && known.modified.Equal(info.ModTime()) {
		return known, true
	}
	file, err := os.Open(path)
	if err != nil {
		return source{}, false
	}
	defer file.Close()
	var sum maphash.Hash
	sum.SetSeed(s.seed)
	if _, err := io.Copy(&sum, file); err != nil {
		return source{}, false
	}
	return source{size: info.Size(), modified: info.ModTime(), sum: sum.Sum64()}, true
}

// madeFolders are where builds put what they make or get.
var madeFolders = []string{"target", "node_modules", "build", "zig-out", "zig-cache"}

func isHidden(name string) bool { return strings.HasPrefix(name, ".") }

// isMade tells whether a file is made by builds or editors, by its name. What is
// taken for a source by mistake costs a build too many.
func isMade(name string) bool {
	switch filepath.Ext(name) {
	case ".so", ".dylib", ".dll", ".wasm", ".o", ".obj", ".a", ".d", ".lib", ".exp", ".pdb", ".swp", ".tmp", ".lock", ".log":
		return true
	}
	return isHidden(name) || strings.HasSuffix(name, "~") || name == "package-lock.json" || name == "go.sum"
}
