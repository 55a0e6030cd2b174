package logging

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"
)

// Limits are how much is kept in a directory of log files, those of earlier
// starts and of other servers included. What is beyond is deleted, the oldest
// first, but for files that a server writes to.
type Limits struct {
	// Bytes is how large the files may be together.
	Bytes int64
	// Age is how long a file is kept after its last line.
	Age time.Duration
	// Files is how many there may be.
	Files int
}

const (
	// fileShare is how many files what may be kept is divided into: so much of it
	// goes at a time.
	fileShare = 8
	leastSize = 1 << 20
	// leastBytes is what a file takes though it be empty.
	leastBytes = 4 << 10
	// mostPeriod is how long one file is written to at the most.
	mostPeriod = 24 * time.Hour
	// lookPeriod is how often files are looked at for their age.
	lookPeriod = time.Hour
)

func (l Limits) check() error {
	if l.Bytes < leastSize {
		return errors.New("log files are given less than 1MiB together: choose more with --log-max-size")
	}
	return nil
}

func (l Limits) fileBytes() int64 { return l.Bytes / fileShare }

func (l Limits) filePeriod() time.Duration { return min(l.Age, mostPeriod) }

// fileName matches the names that create gives.
var fileName = regexp.MustCompile(`^(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z)(?:-(\d{1,9}))?\.jsonl$`)

// An oldFile is a file that was begun, here or by another server.
type oldFile struct {
	name    string
	begun   string
	attempt int
	size    int64
	changed time.Time
}

// sweep deletes from dir what is beyond the limits. The current file counts as
// large as it may become.
func sweep(dir, current string, now time.Time, l Limits) {
	files, sum := 1, l.fileBytes()
	for _, old := range oldFiles(dir, current) {
		files++
		sum += max(old.size, leastBytes)
		if files <= l.Files && sum <= l.Bytes && now.Sub(old.changed) <= l.Age {
			continue
		}
		if path := filepath.Join(dir, old.name); !inUse(path) {
			_ = os.Remove(path) // the next sweep tries again
		}
	}
}

// oldFiles lists all but the current file, the newest first.
func oldFiles(dir, current string) []oldFile {
	entries, _ := os.ReadDir(dir) // those that can be read
	var files []oldFile
	for _, entry := range entries {
		match := fileName.FindStringSubmatch(entry.Name())
		if match == nil || !entry.Type().IsRegular() || entry.Name() == filepath.Base(current) {
			continue
		}
		info, err := entry.Info()
		if err != nil {
			continue // it is gone
		}
		attempt, _ := strconv.Atoi(match[2]) // the first has no number
		files = append(files, oldFile{entry.Name(), match[1], attempt, info.Size(), info.ModTime()})
	}
	slices.SortFunc(files, func(a, b oldFile) int {
		return cmp.Or(cmp.Compare(b.begun, a.begun), cmp.Compare(b.attempt, a.attempt))
	})
	return files
}

// lookAtTimes sees to it that no line is kept for too long, until it is stopped.
func lookAtTimes(f *file) (stop func()) {
	ticker, stopped := time.NewTicker(lookPeriod), make(chan struct{})
	var looking sync.WaitGroup
	looking.Go(func() {
		for {
			select {
			case <-ticker.C:
				f.age()
			case <-stopped:
				return
			}
		}
	})
	return func() {
		ticker.Stop()
		close(stopped)
		looking.Wait()
	}
}
