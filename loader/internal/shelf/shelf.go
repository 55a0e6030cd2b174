// Package shelf keeps plugin files that others have taken the place of, so that they
// can be brought back. They lie in a hidden folder of the library directory, which
// nobody takes for plugins.
package shelf

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	folder   = ".replaced"
	dirMode  = 0o700
	fileMode = 0o600
	// maxKept is how many versions of a file are kept.
	maxKept = 5
)

// A Shelf is in a library directory.
type Shelf struct{ Dir string }

// A Version is a file that is kept.
type Version struct {
	SHA256 string
	Bytes  int64
	// Kept is since when.
	Kept time.Time
}

func (s Shelf) path(file, hash string) string { return filepath.Join(s.Dir, folder, hash+"-"+file) }

// Versions returns the versions of a file that are kept, newest first.
func (s Shelf) Versions(file string) []Version {
	entries, err := os.ReadDir(filepath.Join(s.Dir, folder))
	if err != nil {
		return nil // nothing was kept yet, or nobody can look
	}
	var list []Version
	for _, entry := range entries {
		hash, name, _ := strings.Cut(entry.Name(), "-")
		info, err := entry.Info()
		if name == file && len(hash) == hex.EncodedLen(sha256.Size) && err == nil && info.Mode().IsRegular() {
			list = append(list, Version{hash, info.Size(), info.ModTime()})
		}
	}
	slices.SortFunc(list, func(a, b Version) int { return cmp.Or(b.Kept.Compare(a.Kept), strings.Compare(a.SHA256, b.SHA256)) })
	return list
}

// Take returns the contents of a version that is kept.
func (s Shelf) Take(file, hash string) ([]byte, error) {
	if raw, err := hex.DecodeString(hash); err != nil || len(raw) != sha256.Size || filepath.Base(file) != file {
		return nil, fs.ErrNotExist
	}
	content, err := os.ReadFile(s.path(file, hash))
	if err != nil {
		return nil, err
	}
	if digest := sha256.Sum256(content); hex.EncodeToString(digest[:]) != hash {
		return nil, fmt.Errorf("the version %.12s… of %s that is kept was changed since", hash, file)
	}
	return content, nil
}

// Put keeps what is in the library directory under that name, if there is such a
// file, and returns its SHA-256, or "". The oldest versions go.
func (s Shelf) Put(file string) (hash string, err error) {
	content, err := os.ReadFile(filepath.Join(s.Dir, file))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256(content)
	hash = hex.EncodeToString(digest[:])
	if err := os.MkdirAll(filepath.Join(s.Dir, folder), dirMode); err != nil {
		return "", err
	}
	if err := write(s.path(file, hash), content); err != nil {
		return "", err
	}
	for i, old := range s.Versions(file) {
		if i >= maxKept {
			err = errors.Join(err, os.Remove(s.path(file, old.SHA256)))
		}
	}
	return hash, err
}

// Install puts contents into the library directory under that name, in one step.
func (s Shelf) Install(file string, content []byte) error {
	if err := os.MkdirAll(s.Dir, dirMode); err != nil {
		return err
	}
	return write(filepath.Join(s.Dir, file), content)
}

// Remove takes the file of that name out of the library directory.
func (s Shelf) Remove(file string) error { return os.Remove(filepath.Join(s.Dir, file)) }

// write writes a file in one step: it is there as a whole, on the disk, or not at
// all. The name that it has before begins with a dot, so that it is no plugin.
func write(path string, content []byte) (err error) {
	next, err := os.CreateTemp(filepath.Dir(path), ".incoming-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(next.Name()))
		}
	}()
	_, err = next.Write(content)
	if err = errors.Join(err, next.Chmod(fileMode), next.Sync(), next.Close()); err != nil {
		return err
	}
	return os.Rename(next.Name(), path)
}
