package process_test

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"

	"golang.org/x/sys/unix"
)

// try has a library do something, and returns "done" or the error.
func try(what, with string) string {
	if err := tries[what](with); err != nil {
		return err.Error()
	}
	return "done"
}

var tries = map[string]func(with string) error{
	"read":  func(path string) error { _, err := os.ReadFile(path); return err },
	"list":  func(path string) error { _, err := os.ReadDir(path); return err },
	"write": func(path string) error { return os.WriteFile(path, []byte("x"), 0o600) },
	"write much": func(path string) error {
		return os.WriteFile(path, make([]byte, 1<<20), 0o600)
	},
	"truncate": func(path string) error { return os.Truncate(path, 0) },
	"remove":   os.Remove,
	"chmod":    func(path string) error { return os.Chmod(path, 0o777) },
	"attack":   attack,
	"many files": func(string) error {
		for i := range 500 {
			if err := os.WriteFile(fmt.Sprint("file ", i), nil, 0o600); err != nil {
				return err
			}
		}
		select {}
	},
	"zero": func(string) error {
		_, err := unix.Open("/dev/zero", unix.O_RDWR, 0)
		return err
	},
	"run": func(path string) error { return exec.Command(path).Run() },
	"leave": func(script string) error { // a program that outlives its call
		command := exec.Command("/bin/sh", "-c", script)
		command.Stdout, command.Stderr = os.Stdout, os.Stderr
		return command.Run()
	},
	"dial": func(address string) error {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			err = conn.Close()
		}
		return err
	},
	"socket": func(family string) error {
		number, err := strconv.Atoi(family)
		if err != nil {
			return err
		}
		fd, err := unix.Socket(number, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err == nil {
			err = unix.Close(fd)
		}
		return err
	},
	"packet socket": func(string) error {
		_, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW, 0)
		return err
	},
	"socketpair": func(string) error {
		_, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		return err
	},
	"ptrace": func(string) error { return unix.PtraceSeize(os.Getppid()) },
	"peek": func(string) error {
		var b [1]byte
		_, err := unix.ProcessVMReadv(os.Getppid(), []unix.Iovec{{Base: &b[0], Len: 1}},
			[]unix.RemoteIovec{{Base: 1 << 20, Len: 1}}, 0)
		return err
	},
	"kill parent":   func(string) error { return unix.Kill(os.Getppid(), 0) },
	"kill all":      func(string) error { return unix.Kill(-1, 0) },
	"kill self":     func(string) error { return unix.Kill(os.Getpid(), 0) },
	"limit parent":  func(string) error { return unix.Prlimit(os.Getppid(), unix.RLIMIT_NOFILE, nil, new(unix.Rlimit)) },
	"fork":          func(string) error { return number(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0) },
	"clone3":        func(string) error { return number(unix.SYS_CLONE3, 0, 0) },
	"unshare":       func(string) error { return unix.Unshare(unix.CLONE_NEWUSER) },
	"mount":         func(string) error { return unix.Mount("none", "/mnt", "tmpfs", 0, "") },
	"bpf":           func(string) error { return number(unix.SYS_BPF, 0, 0) },
	"keyctl":        func(string) error { return number(unix.SYS_KEYCTL, 0, 0) },
	"io_uring":      func(string) error { return number(unix.SYS_IO_URING_SETUP, 1, 0) },
	"memfd":         func(string) error { _, err := unix.MemfdCreate("x", 0); return err },
	"setuid":        func(string) error { return number(unix.SYS_SETUID, 65534, 0) },
	"set no signal": func(string) error { return unix.Prctl(unix.PR_SET_PDEATHSIG, 0, 0, 0, 0) },
	"capabilities": func(string) error {
		header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
		var sets [2]unix.CapUserData
		err := unix.Capget(&header, &sets[0])
		if sets != [2]unix.CapUserData{} {
			return fmt.Errorf("it has %+v", sets)
		}
		return err
	},
	"environment": func(string) error {
		if len(os.Environ()) > 0 {
			return fmt.Errorf("it has %q", os.Environ())
		}
		return nil
	},
	"no new privileges": func(string) error {
		set, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)
		if err == nil && set != 1 {
			err = errors.New("not set")
		}
		return err
	},
	"open files": func(most string) error {
		var limit syscall.Rlimit
		err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
		if got := fmt.Sprint(limit.Max); got != most {
			return errors.New(got)
		}
		return err
	},
	"cores": func(most string) error {
		if got := fmt.Sprint(runtime.NumCPU()); got != most {
			return errors.New(got)
		}
		return nil
	},
	"inherited file": func(number string) error {
		fd, err := strconv.Atoi(number)
		if err != nil {
			return err
		}
		_, err = unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		return err
	},
	"pipes": func(string) error {
		for fd := range 10 {
			var stat unix.Stat_t
			err := unix.Fstat(fd, &stat)
			if isPipe := stat.Mode&unix.S_IFMT == unix.S_IFIFO; err == nil && isPipe != (fd == 1 || fd == 2) {
				return fmt.Errorf("%d has mode %o", fd, stat.Mode)
			}
		}
		return nil
	},
	"folder": func(string) error {
		folder, err := os.Getwd()
		if err != nil {
			return err
		}
		err = errors.Join(os.Mkdir("d", 0o700), os.WriteFile("d/f", []byte("x"), 0o600),
			os.Rename("d/f", "g"), os.Symlink("g", "h"))
		if info, statErr := os.Stat(folder); statErr == nil && info.Mode().Perm() != 0o700 {
			return fmt.Errorf("%s has mode %v", folder, info.Mode())
		}
		_, readErr := os.ReadFile("h")
		walkErr := filepath.WalkDir(folder, func(_ string, _ fs.DirEntry, err error) error { return err })
		return errors.Join(err, readErr, walkErr)
	},
}

func number(call, a, b uintptr) error {
	_, _, err := unix.RawSyscall(call, a, b, 0)
	if err == 0 {
		return nil
	}
	return err
}
