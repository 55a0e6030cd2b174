package nats

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/minio/highwayhash"
)

// A Report is what [Check] has found.
type Report struct {
	Results, Tasks Extent
	// Missing is how many of the last messages are not there any more that were
	// stored before the machine stopped.
	Missing uint64
}

// Extent is how much there is of something.
type Extent struct {
	Messages int
	Bytes    int64
	Last     uint64 // number of the last message
}

// streamsDir is where the server keeps streams.
func streamsDir(dir string) string { return filepath.Join(dir, "jetstream", "$G", "streams") }

// Check reads what is in a folder and returns a [DamageError] if that is not what was
// written, or not all of it. Nothing is changed. The server must not run.
//
// What a write that was cut short has left is no damage: nobody was told that it
// is stored. When the machine has stopped since, the last messages may be missing
// that were not synced; with sync that is damage too.
func Check(dir string, sync bool) (Report, error) {
	var r Report
	m := readMark(dir)
	for _, stream := range []struct {
		name   string
		extent *Extent
		least  uint64
		dense  bool
	}{
		{alone.results, &r.Results, m.results, false},
		{alone.queue, &r.Tasks, m.queue, true},
	} {
		last, err := checkStream(filepath.Join(streamsDir(dir), stream.name), stream.name, stream.extent, stream.dense)
		if err != nil {
			return r, err
		}
		if last >= stream.least {
			continue
		}
		if id := bootID(); sync || id != "" && id == m.boot {
			return r, fmt.Errorf("the last %d messages of %s are missing: a file was cut off, or is an older one",
				stream.least-last, filepath.Join(streamsDir(dir), stream.name))
		}
		r.Missing += stream.least - last
	}
	return r, nil
}

// CheckCopy is [Check] of what a node keeps together with others: each has a copy, so
// what was stored last may be missing in one.
func CheckCopy(dir string) (Report, error) {
	var r Report
	n := shared(defaultPrefix)
	for name, extent := range map[string]*Extent{n.results: &r.Results, n.queue: &r.Tasks, n.nodes: new(Extent)} {
		if _, err := checkStream(filepath.Join(streamsDir(dir), name), name, extent, false); err != nil {
			return r, err
		}
	}
	return r, checkGroups(dir)
}

// checkStream checks a stream and returns its last message's number.
func checkStream(path, name string, extent *Extent, dense bool) (last uint64, err error) {
	switch _, err := os.Stat(path); {
	case errors.Is(err, fs.ErrNotExist):
		return 0, nil
	case err != nil:
		return 0, err
	}
	blocks, err := findBlocks(path)
	if err == nil && len(blocks) > 0 {
		err = checkSettings(path, name)
	}
	if err != nil {
		return 0, err
	}
	if err := readAll(blocks, name); err != nil {
		return 0, err
	}
	for i := range blocks {
		b := &blocks[i]
		isLast := i == len(blocks)-1
		if b.damage != nil && (!b.damage.tail || !isLast) {
			return 0, b.damage
		}
		if dense && b.first > 0 && last > 0 && b.first != last+1 {
			missing := fmt.Sprintf("messages %d to %d before it are missing", last+1, b.first-1)
			return 0, &DamageError{File: b.file, Reason: missing}
		}
		extent.Messages += b.records
		extent.Bytes += b.size
		last = max(last, b.last)
	}
	extent.Last = last
	return last, nil
}

// checkSettings checks the file with a stream's settings: without it, the server
// passes over the stream.
func checkSettings(path, name string) error {
	file := filepath.Join(path, "meta.inf")
	settings, err := os.ReadFile(file)
	if err != nil {
		return &DamageError{File: file, Reason: "it can't be read: " + err.Error()}
	}
	want, err := os.ReadFile(filepath.Join(path, "meta.sum"))
	if err != nil {
		return &DamageError{File: file, Reason: "its checksum can't be read: " + err.Error()}
	}
	key := sha256.Sum256([]byte(name))
	sum, err := highwayhash.NewDigest64(key[:])
	if err != nil {
		return err
	}
	_, _ = sum.Write(settings) // it never fails
	if hex.EncodeToString(sum.Sum(nil)) != string(want) {
		return &DamageError{File: file, Reason: wrongChecksum}
	}
	return nil
}

// readAll reads blocks, some at a time.
func readAll(blocks []block, stream string) error {
	errs := make([]error, len(blocks))
	next := make(chan int)
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(blocks)) {
		all.Go(func() {
			for i := range next {
				errs[i] = blocks[i].read(stream)
			}
		})
	}
	for i := range blocks {
		next <- i
	}
	close(next)
	all.Wait()
	return errors.Join(errs...)
}
