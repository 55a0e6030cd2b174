package pages

import (
	"bufio"
	"bytes"
	"os"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// A mapping is a range of addresses, as /proc/self/smaps has it.
type mapping struct {
	from, to  uintptr
	clean     bool // what it says is what the file says, and it stays so
	permitted bool // it is of the file, and nobody may write to it
}

func forget(uncache bool) {
	file, err := os.Readlink("/proc/self/exe")
	if err != nil {
		return
	}
	smaps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		return
	}
	letGo := func() {}
	if uncache {
		program, err := os.Open("/proc/self/exe")
		if err != nil {
			return
		}
		defer program.Close()
		_ = unix.Fdatasync(int(program.Fd())) // what is not written yet would stay
		// The cache lets go of what nobody has mapped at this moment.
		letGo = func() { _ = unix.Fadvise(int(program.Fd()), 0, 0, unix.FADV_DONTNEED) }
	}
	for _, m := range mappings(smaps, file) {
		// A failure means that the pages stay. One that was changed all the same, by
		// the loader or by a debugger, is anonymous: it would be lost.
		if m.permitted && m.clean {
			_, _, _ = syscall.Syscall(syscall.SYS_MADVISE, m.from, m.to-m.from, syscall.MADV_DONTNEED)
			letGo()
		}
	}
}

// mappings reads what smaps says, of which only those of file matter.
func mappings(smaps []byte, file string) (all []mapping) {
	lines := bufio.NewScanner(bytes.NewReader(smaps))
	for lines.Scan() {
		fields := bytes.Fields(lines.Bytes())
		if len(fields) < 2 {
			continue
		}
		if key := string(fields[0]); key[len(key)-1] == ':' { // of the mapping that came last
			if last := len(all) - 1; last >= 0 && (key == "Anonymous:" || key == "Locked:") {
				all[last].clean = all[last].clean && string(fields[1]) == "0"
			}
			continue
		}
		m := mapping{clean: true}
		from, to, _ := bytes.Cut(fields[0], []byte("-"))
		m.from, m.to = address(from), address(to)
		access := string(fields[1])
		m.permitted = m.from < m.to && (access == "r--p" || access == "r-xp") && bytes.HasSuffix(lines.Bytes(), []byte(" "+file))
		all = append(all, m)
	}
	return all
}

func address(text []byte) uintptr {
	n, err := strconv.ParseUint(string(text), 16, strconv.IntSize)
	if err != nil {
		return 0
	}
	return uintptr(n)
}
