package nats

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/minio/highwayhash"
)

// What servers have agreed on is in a folder for each stream, and one for the list of
// them: a log in blocks as those of a stream, a snapshot, and the names of the servers.
// A server that has forgotten what it agreed to may lead the others astray, and it
// passes over most of what is damaged there.
const (
	snapshots = "snapshots"
	peersName = "peers.idx"
)

// checkGroups checks what servers have agreed on.
func checkGroups(dir string) error {
	above := filepath.Join(dir, "jetstream", "$SYS", "_js_")
	groups, err := os.ReadDir(above)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, group := range groups {
		name := group.Name()
		path := filepath.Join(above, name)
		blocks, err := findBlocks(path)
		if err != nil {
			return err
		}
		for i := range blocks {
			blocks[i].agreed = true
		}
		if err := readAll(blocks, name); err != nil {
			return err
		}
		for i := range blocks {
			if b := &blocks[i]; b.damage != nil && (!b.damage.tail || i < len(blocks)-1) {
				return b.damage
			}
		}
		if err := checkSnapshots(path, name); err != nil {
			return err
		}
		if err := checkPeers(filepath.Join(path, peersName)); err != nil {
			return err
		}
	}
	return nil
}

// checkSnapshots checks those of a group. Each ends with its checksum.
func checkSnapshots(path, group string) error {
	files, err := filepath.Glob(filepath.Join(path, snapshots, "snap.*"))
	if err != nil {
		return err
	}
	key := sha256.Sum256([]byte(group))
	sum, err := highwayhash.NewDigest64(key[:])
	if err != nil {
		return err
	}
	for _, file := range files {
		if filepath.Ext(file) == ".tmp" {
			continue
		}
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		body := content[:max(0, len(content)-recordChecksum)]
		sum.Reset()
		_, _ = sum.Write(body) // it never fails
		if !bytes.Equal(sum.Sum(nil), content[len(body):]) {
			return &DamageError{File: file, Reason: wrongChecksum}
		}
	}
	return nil
}

// checkPeers checks the names of a group's servers: how many there should be, how many
// there are, names of 8 bytes, and 2 bytes more. It has no checksum.
func checkPeers(file string) error {
	const head, name, end, most = 8, 8, 2, 1 << 16
	content, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(content) == 0 {
		return nil // it is not written yet
	} else if err != nil {
		return err
	}
	if len(content) < head {
		return &DamageError{File: file, Reason: "it is cut off"}
	}
	size, known := binary.LittleEndian.Uint32(content), binary.LittleEndian.Uint32(content[4:])
	if size < known || size > most || len(content) != head+name*int(known)+end {
		return &DamageError{File: file, Reason: "it has a number that can't be"}
	}
	return nil
}
