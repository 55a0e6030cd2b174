package nats

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// originName is a file that says which folder it is: two nodes that were given one
// name have different ones, and a node that is started again has its own.
const originName = "origin"

// origin returns what tells the folder from all others; "" where there is none.
func (e *Engine) origin() (string, error) {
	if e.config.Cluster == nil {
		return "", nil
	}
	path := filepath.Join(e.config.Dir, originName)
	text, err := os.ReadFile(path)
	if err == nil && len(text) > 0 {
		return string(text), nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	own := rand.Text()
	return own, os.WriteFile(path, []byte(own), 0o600)
}
