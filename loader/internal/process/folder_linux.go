package process

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// inMemory tells whether what is in a folder is memory.
func inMemory(folder string) bool {
	var of unix.Statfs_t
	if err := unix.Statfs(folder, &of); err != nil {
		return false
	}
	return of.Type == unix.TMPFS_MAGIC || of.Type == unix.RAMFS_MAGIC
}

// leastBytes is what a file counts though it be empty.
const leastBytes = 4 << 10

// errUnseen is that something in a folder can't be counted.
var errUnseen = errors.New("it had something in its working folder that can't be looked at: folders must stay readable, and paths short")

// folderBytes returns how much is in the folder of a process, with what it has
// deleted there and keeps open. It stops when that is more than enough.
func folderBytes(folder string, pids []int, enough int64) (int64, error) {
	var sum int64
	err := filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
		var info fs.FileInfo
		if err == nil {
			info, err = entry.Info()
		}
		switch {
		case errors.Is(err, unix.ENAMETOOLONG), errors.Is(err, fs.ErrPermission):
			return errUnseen
		case err == nil: // else it went meanwhile
			sum += fileBytes(info)
		}
		if sum > enough {
			return fs.SkipAll
		}
		return nil
	})
	own, gone := os.Stat(folder)
	if err != nil || gone != nil {
		return sum, err
	}
	for _, pid := range pids {
		deleted, err := deletedBytes(pid, folder, own, enough)
		if err != nil {
			return sum, err
		}
		sum += deleted
	}
	return sum, nil
}

func fileBytes(info fs.FileInfo) int64 {
	const block = 512
	if of, ok := info.Sys().(*syscall.Stat_t); ok {
		return max(of.Blocks*block, leastBytes)
	}
	return info.Size()
}

// deletedBytes returns how much a process has in files on the folder's device
// that have no name any more: open ones, or mapped ones.
func deletedBytes(pid int, folder string, own fs.FileInfo, enough int64) (int64, error) {
	device := own.Sys().(*syscall.Stat_t).Dev //nolint:forcetypeassert // that is what it is on Linux
	process := "/proc/" + strconv.Itoa(pid)
	seen := map[uint64]int64{}             // by inode
	open, _ := os.ReadDir(process + "/fd") // none when it is gone
	for _, entry := range open {
		info, err := os.Stat(filepath.Join(process, "fd", entry.Name()))
		if err == nil && info.Mode().Type() == fs.ModeSocket && holdsFiles(process+"/fdinfo/"+entry.Name()) {
			return 0, errUnderway
		}
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if of, ok := info.Sys().(*syscall.Stat_t); ok && of.Nlink == 0 && of.Dev == device {
			seen[of.Ino] = fileBytes(info)
		}
	}
	addMapped(process, folder, seen, enough)
	var sum int64
	for _, n := range seen {
		sum += n
	}
	return sum, nil
}

// errUnderway is that a process keeps files where nobody can look at them. With
// the network it may send them; libraries need sockets for that, and Rust's and
// others' runtimes pairs of them to wake themselves, but none leaves files there.
var errUnderway = errors.New("it had sent open files through a socket and not received them")

// holdsFiles tells whether files are underway to a socket.
func holdsFiles(info string) bool {
	text, _ := os.ReadFile(info) // it may be closed by now
	for line := range bytes.Lines(text) {
		if number, ok := bytes.CutPrefix(line, []byte("scm_fds:")); ok {
			return string(bytes.TrimSpace(number)) != "0"
		}
	}
	return false
}

// unknownShare is which part of what is enough a file counts as whose size can't
// be known: so only a few of them fit.
const unknownShare = 16

// addMapped adds the deleted files of the folder that are mapped, and not open
// any more. How large they are may be seen by root only: however little of one
// is mapped, all of it takes room.
func addMapped(process, folder string, seen map[uint64]int64, enough int64) {
	text, err := os.Open(process + "/maps")
	if err != nil {
		return
	}
	defer text.Close()
	lines := bufio.NewScanner(text)
	for lines.Scan() {
		if !bytes.HasSuffix(lines.Bytes(), []byte(" (deleted)")) || !bytes.Contains(lines.Bytes(), []byte(folder)) {
			continue
		}
		fields := strings.Fields(lines.Text()) // from-to rights offset device inode path
		const inode = 4
		if len(fields) <= inode {
			continue
		}
		number, _ := strconv.ParseUint(fields[inode], 10, 64) // it is a number
		if _, known := seen[number]; known {
			continue
		}
		seen[number] = enough / unknownShare
		if info, err := os.Stat(process + "/map_files/" + fields[0]); err == nil {
			seen[number] = fileBytes(info)
		}
	}
}
