package datadir

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Copy copies what is in the directory into another one, which must be new or
// empty, and not within it. The copy is a data directory once it is whole, and synced.
func (d *Dir) Copy(to string) error {
	if within(d.path, to) {
		return fmt.Errorf("%s is within %s: choose a directory elsewhere", to, d.path)
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return fmt.Errorf("can't make the copy's directory: %w", err)
	}
	switch err := Check(to); {
	case err == nil:
		return fmt.Errorf("%s is a data directory already: choose a new or an empty one", to)
	case !errors.Is(err, errEmpty):
		return err
	}
	for _, folder := range []string{d.Engine(), d.Cluster()} {
		err := d.copyFolder(folder, to)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // it has one of them, or none before the first start
			return fmt.Errorf("can't copy: %w", err)
		}
	}
	err := copyFile(filepath.Join(d.path, nodeName), filepath.Join(to, nodeName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("can't copy: %w", err)
	}
	// Last: what was cut short is not taken for a whole one.
	text, err := os.ReadFile(filepath.Join(d.path, formatName))
	if err != nil {
		return fmt.Errorf("can't copy: %w", err)
	}
	return writeFile(filepath.Join(to, formatName), text)
}

// copyFolder copies a folder of the directory into another directory.
func (d *Dir) copyFolder(folder, to string) error {
	folders := []string{}
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(d.path, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			folders = append(folders, filepath.Join(to, inside))
			return os.MkdirAll(filepath.Join(to, inside), 0o700)
		}
		return copyFile(path, filepath.Join(to, inside))
	})
	for _, folder := range folders {
		err = cmp.Or(err, syncFolder(folder))
	}
	return err
}

// within tells whether a path is below a folder, or is it.
func within(folder, path string) bool {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return false
	}
	if path, err = filepath.Abs(path); err != nil {
		return false
	}
	inside, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(inside)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}
