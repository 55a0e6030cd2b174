package datadir

import (
	"cmp"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

const (
	clusterName = "cluster"
	nodeName    = "node"
)

// Cluster returns the path of the folder for what a node of a cluster keeps.
func (d *Dir) Cluster() string { return filepath.Join(d.path, clusterName) }

// Clustered tells whether the directory is that of a node of a cluster.
func (d *Dir) Clustered() bool {
	_, err := os.Stat(d.Cluster())
	return err == nil
}

// Alone says why the directory is not one for a server alone, or returns nil.
func (d *Dir) Alone() error {
	if !d.Clustered() {
		return nil
	}
	return fmt.Errorf("%s is that of a node of a cluster: start it with the address of its cluster, or choose another directory", d.path)
}

// Node returns the id of the node that the directory is of. The first time that is
// the one that is wanted, or else fallback, and from then on it stays; another one that
// is wanted is refused.
func (d *Dir) Node(wanted, fallback string) (string, error) {
	path := filepath.Join(d.path, nodeName)
	text, err := os.ReadFile(path)
	switch id, ok := readNode(string(text)); {
	case errors.Is(err, fs.ErrNotExist):
		id = cmp.Or(wanted, fallback)
		return id, writeFile(path, fmt.Appendf(nil, "%s%08x\n%s\n", sumWord, crc32.ChecksumIEEE([]byte(id)), id))
	case err != nil:
		return "", err
	case !ok:
		return "", fmt.Errorf("%s is damaged: write the node's id into it, and nothing else", path)
	case wanted != "" && wanted != id:
		return "", fmt.Errorf("%s is the directory of node %q, not of %q: leave the name out, or choose another directory", d.path, id, wanted)
	default:
		return id, nil
	}
}

// sumWord begins the line before the id, which has its checksum. An id that a person
// has written has none.
const sumWord = "sum "

// readNode returns the id that a file has.
func readNode(text string) (id string, ok bool) {
	id = strings.TrimSuffix(text, "\n")
	rest, summed := strings.CutPrefix(id, sumWord)
	if summed {
		var sum string
		if sum, id, ok = strings.Cut(rest, "\n"); !ok || sum != fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(id))) {
			return "", false
		}
	}
	return id, id != "" && (summed || !strings.Contains(id, "\n"))
}
