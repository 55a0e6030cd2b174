package file

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strconv"
)

// RemoveTree deletes a folder with all that is in it, as a plugin may have left
// it: with folders that nobody may list, or more of them inside each other than
// this process may open files. Links are deleted, not followed, even when
// somebody makes them meanwhile. A folder that isn't there is no error.
func RemoveTree(folder string) error {
	root, err := os.OpenRoot(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer root.Close()
	// What is in a folder's folders is moved up, so that no path gets long.
	for moved := 0; ; {
		entries, err := fs.ReadDir(root.FS(), ".")
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return os.Remove(folder)
		}
		for _, entry := range entries {
			if moved, err = removeEntry(root, "", entry, moved); err != nil {
				return err
			}
		}
	}
}

// removeEntry deletes what parent has there, but for folders in a folder: those
// it moves to the root. It returns how many names for that have been used.
func removeEntry(root *os.Root, parent string, entry fs.DirEntry, moved int) (int, error) {
	name := path.Join(parent, entry.Name())
	if !entry.IsDir() {
		return moved, root.Remove(name)
	}
	const ours = 0o700
	if err := root.Chmod(name, ours); err != nil {
		return moved, err
	}
	if parent != "" {
		return moveUp(root, name, moved)
	}
	entries, err := fs.ReadDir(root.FS(), name)
	if err != nil {
		return moved, err
	}
	for _, inside := range entries {
		if moved, err = removeEntry(root, name, inside, moved); err != nil {
			return moved, err
		}
	}
	return moved, root.Remove(name)
}

// moveUp moves a folder to the root, by a name that is free there.
func moveUp(root *os.Root, name string, moved int) (int, error) {
	for {
		moved++
		free := "moved-" + strconv.Itoa(moved)
		if _, err := root.Lstat(free); err == nil {
			continue
		}
		return moved, root.Rename(name, free)
	}
}
