package process

import (
	"bufio"
	"bytes"
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

// folderBytes returns how much is in the folder of a process, with what it has
// deleted there and keeps open. It stops when that is more than enough.
func folderBytes(folder string, pids []int, enough int64) int64 {
	var sum int64
	_ = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, unreadable error) error { // what goes meanwhile, goes
		if unreadable == nil {
			if info, err := entry.Info(); err == nil {
				sum += fileBytes(info)
			}
		}
		if sum > enough {
			return fs.SkipAll
		}
		return nil
	})
	own, err := os.Stat(folder)
	if err != nil {
		return sum
	}
	for _, pid := range pids {
		sum += deletedBytes(pid, folder, own)
	}
	return sum
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
func deletedBytes(pid int, folder string, own fs.FileInfo) int64 {
	device := own.Sys().(*syscall.Stat_t).Dev //nolint:forcetypeassert // that is what it is on Linux
	process := "/proc/" + strconv.Itoa(pid)
	seen := map[uint64]int64{}             // by inode
	open, _ := os.ReadDir(process + "/fd") // none when it is gone
	for _, entry := range open {
		info, err := os.Stat(filepath.Join(process, "fd", entry.Name()))
		if err != nil || !info.Mode().IsRegular() {
			continue
		}
		if of, ok := info.Sys().(*syscall.Stat_t); ok && of.Nlink == 0 && of.Dev == device {
			seen[of.Ino] = fileBytes(info)
		}
	}
	mappedBytes(process+"/maps", folder, seen)
	var sum int64
	for _, n := range seen {
		sum += n
	}
	return sum
}

// mappedBytes adds what is mapped of deleted files of the folder.
func mappedBytes(maps, folder string, seen map[uint64]int64) {
	text, err := os.Open(maps)
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
		from, to, ok := strings.Cut(fields[0], "-")
		if !ok || len(fields) <= inode {
			continue
		}
		begin, _ := strconv.ParseUint(from, 16, 64) // they are numbers
		end, _ := strconv.ParseUint(to, 16, 64)
		number, _ := strconv.ParseUint(fields[inode], 10, 64)
		seen[number] = max(seen[number], int64(end-begin))
	}
}
