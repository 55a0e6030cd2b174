package stage

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/taskscheduler/taskscheduler/loader/internal/file"
)

// ErrChanged means that a file is not what it was when it came to rest: it will
// come to rest again.
var ErrChanged = errors.New("the file is being written")

// Copy copies a file that came to rest as want, which the caller then holds.
// With checkWriters it refuses a file that strangers may write to. The error is
// [ErrChanged] when the file, or what its name leads to, is another by now.
func (s *Stage) Copy(ctx context.Context, path string, want file.Fingerprint, checkWriters bool) (_ *Copy, err error) {
	source, err := open(path, want)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	if checkWriters {
		if err := checkSource(path, source); err != nil {
			return nil, err
		}
	}
	stage, err := s.Folder()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp(stage, "copy-*")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(folder)
		}
	}()
	name := filepath.Base(path)
	hash, err := write(ctx, filepath.Join(folder, name), source)
	if err != nil {
		return nil, err
	}
	if err := verify(path, want, source); err != nil {
		return nil, err
	}
	final := filepath.Join(stage, hash+filepath.Base(folder)[len("copy"):])
	if err := os.Rename(folder, final); err != nil {
		return nil, err
	}
	return (&Copy{Path: filepath.Join(final, name), SHA256: hash}).Hold(), nil
}

// open opens the file if it is what came to rest, and nobody writes it.
func open(path string, want file.Fingerprint) (*os.File, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, ErrChanged
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, fmt.Errorf("%s is a folder, not a regular file: a plugin is one file, put that in its place", path)
	case !info.Mode().IsRegular(): // before it is opened, which may have effects
		return nil, fmt.Errorf("%s is not a regular file", path)
	case file.FingerprintOf(info) != want, file.BeingWritten(path):
		return nil, ErrChanged
	}
	source, err := os.Open(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, ErrChanged
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("the server may not read %s (its mode is %#o): make it readable to the server's user: %w",
			path, info.Mode().Perm(), err)
	}
	return source, err
}

// verify returns ErrChanged unless both the open file and the one that has its name now
// are what came to rest.
func verify(path string, want file.Fingerprint, source *os.File) error {
	if info, err := source.Stat(); err != nil || file.FingerprintOf(info) != want {
		return ErrChanged
	}
	if info, err := os.Stat(path); err != nil || file.FingerprintOf(info) != want {
		return ErrChanged
	}
	return nil
}

// checkSource refuses a file that strangers may write to, or replace where its name leads to
// through a symbolic link. (The library directory itself is the watcher's to check.)
func checkSource(path string, source *os.File) error {
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if err := file.CheckWriters(path, info); err != nil {
		return err
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return ErrChanged
	}
	folder, err := os.Stat(filepath.Dir(target))
	if err != nil {
		return ErrChanged
	}
	return file.CheckWriters(filepath.Dir(target), folder)
}

func write(ctx context.Context, path string, source io.Reader) (hash string, err error) {
	target, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o400)
	if err != nil {
		return "", err
	}
	digest := sha256.New()
	_, err = io.Copy(io.MultiWriter(target, digest), contextReader{ctx, source})
	if err := errors.Join(err, target.Close()); err != nil {
		return "", err
	}
	return hex.EncodeToString(digest.Sum(nil)), nil
}

// contextReader makes copying a large file heed a context.
type contextReader struct {
	ctx    context.Context //nolint:containedctx // lives as long as one io.Copy
	source io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.source.Read(p)
}
