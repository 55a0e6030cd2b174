package loader

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
)

// errChanged means that a file is not what it was when it came to rest: it will
// come to rest again.
var errChanged = errors.New("the file is being written")

// A stage is the private folder of copies that child processes load. A file in
// the library directory may be overwritten at any time, and what a process has
// mapped must not change under it.
type stage struct {
	folder string
	unlock func()
}

// A staged is a copy. Who keeps one holds it; when the last one drops it, it is deleted.
type staged struct {
	path    string // stage/HASH-random/libmath.so: the loader's messages show the last part
	hash    string // SHA-256 in hexadecimal
	holders atomic.Int32
}

func (s *staged) hold() *staged {
	s.holders.Add(1)
	return s
}

func (s *staged) drop() {
	if s != nil && s.holders.Add(-1) == 0 {
		_ = os.RemoveAll(filepath.Dir(s.path)) // what is left goes with the whole stage
	}
}

// newStage makes a stage in parent, and deletes those that killed servers left there.
func newStage(parent string) (*stage, error) {
	sweepStages(parent)
	folder, err := os.MkdirTemp(parent, stagePattern)
	if err != nil {
		return nil, fmt.Errorf("no private folder for plugins: %w", err)
	}
	unlock, err := lockStage(folder)
	if err != nil {
		_ = os.RemoveAll(folder)
		return nil, fmt.Errorf("no private folder for plugins: %w", err)
	}
	return &stage{folder: folder, unlock: unlock}, nil
}

// stagePattern names stages for os.MkdirTemp, which makes them 0700, and filepath.Glob.
const stagePattern = "task-scheduler-plugins-*"

func (s *stage) remove() {
	s.unlock()
	_ = os.RemoveAll(s.folder)
}

// copy copies a file that came to rest as want; the caller holds the result. The error is
// errChanged when the file, or what its name leads to, is another by now.
func (s *stage) copy(ctx context.Context, path string, want footprint, check bool) (_ *staged, err error) {
	source, err := openPlugin(path, want)
	if err != nil {
		return nil, err
	}
	defer source.Close()
	if check {
		if err := checkFile(path, source); err != nil {
			return nil, err
		}
	}
	folder, err := os.MkdirTemp(s.folder, "copy-*")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(folder)
		}
	}()
	name := filepath.Base(path)
	hash, err := writeCopy(ctx, filepath.Join(folder, name), source)
	if err != nil {
		return nil, err
	}
	if err := verify(path, want, source); err != nil {
		return nil, err
	}
	final := filepath.Join(s.folder, hash+filepath.Base(folder)[len("copy"):])
	if err := os.Rename(folder, final); err != nil {
		return nil, err
	}
	folder = final
	return (&staged{path: filepath.Join(final, name), hash: hash}).hold(), nil
}

// openPlugin opens the file if it is what came to rest, and nobody writes it.
func openPlugin(path string, want footprint) (*os.File, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, errChanged
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular(): // before it is opened, which may have effects
		return nil, fmt.Errorf("%s is not a regular file", path)
	case footprintOf(info) != want, beingWritten(path):
		return nil, errChanged
	}
	source, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errChanged
	}
	return source, err
}

// verify returns errChanged unless both the open file and the one that has its name now
// are what came to rest.
func verify(path string, want footprint, source *os.File) error {
	if info, err := source.Stat(); err != nil || footprintOf(info) != want {
		return errChanged
	}
	if info, err := os.Stat(path); err != nil || footprintOf(info) != want {
		return errChanged
	}
	return nil
}

// checkFile refuses a file that strangers may write to, or replace where its name leads to
// through a symbolic link. (The library directory itself is the watcher's to check.)
func checkFile(path string, source *os.File) error {
	info, err := source.Stat()
	if err != nil {
		return err
	}
	if err := checkWriters(path, info); err != nil {
		return err
	}
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return errChanged
	}
	folder, err := os.Stat(filepath.Dir(target))
	if err != nil {
		return errChanged
	}
	return checkWriters(filepath.Dir(target), folder)
}

func writeCopy(ctx context.Context, path string, source io.Reader) (hash string, err error) {
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
