package nats

import (
	"bytes"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"strings"
)

// A mark says how far the streams were a moment ago, so that it is noticed when
// the end of one is missing: the server itself can't tell.
type mark struct {
	boot    string // the machine's, since it was started; empty: not known
	results uint64 // the last message that was acknowledged
	queue   uint64
}

const markName = "mark"

// readMark returns the mark in a folder. One that is damaged, as after a power
// cut, says nothing.
func readMark(dir string) mark {
	var m mark
	text, err := os.ReadFile(filepath.Join(dir, markName))
	if err != nil {
		return mark{}
	}
	body, sum, _ := bytes.Cut(text, []byte("sum "))
	var want uint32
	if _, err := fmt.Sscanf(string(sum), "%x", &want); err != nil || want != crc32.ChecksumIEEE(body) {
		return mark{}
	}
	if _, err := fmt.Sscanf(string(body), "boot %q\nresults %d\nqueue %d\n", &m.boot, &m.results, &m.queue); err != nil {
		return mark{}
	}
	return m
}

// write writes the mark in the place of the one before.
func (m mark) write(dir string) error {
	body := fmt.Appendf(nil, "boot %q\nresults %d\nqueue %d\n", m.boot, m.results, m.queue)
	text := fmt.Appendf(body, "sum %x\n", crc32.ChecksumIEEE(body))
	next := filepath.Join(dir, markName+".new")
	if err := os.WriteFile(next, text, 0o600); err != nil {
		return err
	}
	return os.Rename(next, filepath.Join(dir, markName))
}

// bootID tells one start of this machine from another; empty: nobody knows.
func bootID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(id))
}
