package sandbox

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// ThreadRoom returns how many threads this process and what it starts may have
// together, as far as the system says.
func ThreadRoom() int { return threadRoom() }

var threadRoom = sync.OnceValue(func() int { //nolint:gochecknoglobals // it is a property of the process
	room := readNumber("/proc/sys/kernel/threads-max", 1<<20)
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NPROC, &limit); err == nil {
		room = int(min(uint64(room), limit.Cur))
	}
	groups, _ := os.ReadFile("/proc/self/cgroup") // there may be none
	for line := range bytes.Lines(groups) {
		// "0::/path" of the second version, "7:pids:/path" of the first one.
		fields := strings.SplitN(strings.TrimSpace(string(line)), ":", 3)
		if len(fields) != 3 || fields[1] != "" && fields[1] != "pids" {
			continue
		}
		// In a container the path may be the host's; what is above it always counts.
		for path := fields[2]; ; path = filepath.Dir(path) {
			room = min(room, readNumber(filepath.Join("/sys/fs/cgroup", fields[1], path, "pids.max"), room))
			if path == "/" || path == "." {
				break
			}
		}
	}
	return room
})

// readNumber returns otherwise when the file has no number.
func readNumber(path string, otherwise int) int {
	text, err := os.ReadFile(path)
	if err != nil {
		return otherwise
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil { // "max"
		return otherwise
	}
	return n
}

// defaultThreads leaves most of the room to the server and other plugins.
func defaultThreads() int {
	const share, least, most = 8, 64, 1024
	return min(max(threadRoom()/share, least), most)
}
