package process_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/loader/internal/sandbox"
)

// A victim is a file that is not the plugin's, but may be read by it.
type victim struct {
	fd   uintptr
	path uintptr
}

// here is AT_FDCWD as an argument.
const here = ^uintptr(99)

// attacks change what is not the plugin's, or reach out of its process.
var attacks = map[string]func(v victim) unix.Errno{
	"fchmod":       func(v victim) unix.Errno { return raw(unix.SYS_FCHMOD, v.fd, 0o4755) },
	"fchmodat":     func(v victim) unix.Errno { return raw(unix.SYS_FCHMODAT, here, v.path, 0o4755) },
	"fchmodat2":    func(v victim) unix.Errno { return raw(unix.SYS_FCHMODAT2, here, v.path, 0o4755, 0) },
	"fchown":       func(v victim) unix.Errno { return raw(unix.SYS_FCHOWN, v.fd, own, own) },
	"fchownat":     func(v victim) unix.Errno { return raw(unix.SYS_FCHOWNAT, here, v.path, own, own, 0) },
	"utimensat":    func(v victim) unix.Errno { return raw(unix.SYS_UTIMENSAT, here, v.path, 0, 0) },
	"futimens":     func(v victim) unix.Errno { return raw(unix.SYS_UTIMENSAT, v.fd, 0, 0, 0) },
	"setxattr":     func(v victim) unix.Errno { return raw(unix.SYS_SETXATTR, v.path, attribute(), v.path, 1, 0) },
	"lsetxattr":    func(v victim) unix.Errno { return raw(unix.SYS_LSETXATTR, v.path, attribute(), v.path, 1, 0) },
	"fsetxattr":    func(v victim) unix.Errno { return raw(unix.SYS_FSETXATTR, v.fd, attribute(), v.path, 1, 0) },
	"setxattrat":   func(v victim) unix.Errno { return raw(unix.SYS_SETXATTRAT, here, v.path, 0, attribute(), 0, 0) },
	"removexattr":  func(v victim) unix.Errno { return raw(unix.SYS_REMOVEXATTR, v.path, attribute()) },
	"fremovexattr": func(v victim) unix.Errno { return raw(unix.SYS_FREMOVEXATTR, v.fd, attribute()) },
	"file_setattr": func(v victim) unix.Errno { return raw(unix.SYS_FILE_SETATTR, here, v.path, v.path, 24, 0) },
	"chattr":       func(v victim) unix.Errno { return raw(unix.SYS_IOCTL, v.fd, unix.FS_IOC_SETFLAGS, v.path) },
	"verity":       func(v victim) unix.Errno { return raw(unix.SYS_IOCTL, v.fd, unix.FS_IOC_ENABLE_VERITY, v.path) },
	"lease":        func(v victim) unix.Errno { return raw(unix.SYS_FCNTL, v.fd, unix.F_SETLEASE, unix.F_RDLCK) },

	"setown":     func(v victim) unix.Errno { return raw(unix.SYS_FCNTL, v.fd, unix.F_SETOWN, parent()) },
	"setown_ex":  func(v victim) unix.Errno { return raw(unix.SYS_FCNTL, v.fd, unix.F_SETOWN_EX, v.path) },
	"setsig":     func(v victim) unix.Errno { return raw(unix.SYS_FCNTL, v.fd, unix.F_SETSIG, 9) },
	"notify":     func(v victim) unix.Errno { return raw(unix.SYS_FCNTL, v.fd, unix.F_NOTIFY, 1) },
	"FIOSETOWN":  func(v victim) unix.Errno { return raw(unix.SYS_IOCTL, v.fd, 0x8901, v.path) },
	"SIOCSPGRP":  func(v victim) unix.Errno { return raw(unix.SYS_IOCTL, v.fd, unix.SIOCSPGRP, v.path) },
	"FIOASYNC":   func(v victim) unix.Errno { return raw(unix.SYS_IOCTL, v.fd, 0x5452, v.path) },
	"grow pipes": func(victim) unix.Errno { return raw(unix.SYS_FCNTL, 2, unix.F_SETPIPE_SZ, 1<<20) },

	"setaffinity":  func(v victim) unix.Errno { return raw(unix.SYS_SCHED_SETAFFINITY, 0, 8, v.path) },
	"setscheduler": func(v victim) unix.Errno { return raw(unix.SYS_SCHED_SETSCHEDULER, 0, 0, v.path) },
	"setparam":     func(v victim) unix.Errno { return raw(unix.SYS_SCHED_SETPARAM, 0, v.path) },
	"setattr":      func(v victim) unix.Errno { return raw(unix.SYS_SCHED_SETATTR, 0, v.path, 0) },
	"setpriority":  func(victim) unix.Errno { return raw(unix.SYS_SETPRIORITY, 0, 0, 5) },

	"shared memory": func(victim) unix.Errno { return mapped(unix.MAP_SHARED|unix.MAP_ANONYMOUS, ^uintptr(0)) },
	"validated":     func(victim) unix.Errno { return mapped(unix.MAP_SHARED_VALIDATE|unix.MAP_ANONYMOUS, ^uintptr(0)) },
	"huge pages": func(victim) unix.Errno {
		return mapped(unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_HUGETLB, ^uintptr(0))
	},
	"shmget":       func(victim) unix.Errno { return raw(unix.SYS_SHMGET, 0, 4096, 0o1600) },
	"mq_open":      func(v victim) unix.Errno { return raw(unix.SYS_MQ_OPEN, v.path, unix.O_CREAT, 0o600, 0) },
	"memfd_secret": func(victim) unix.Errno { return raw(unix.SYS_MEMFD_SECRET, 0) },

	"setuid file":      func(victim) unix.Errno { return made("evil", unix.O_CREAT|unix.O_WRONLY, 0o4755) },
	"setgid file":      func(victim) unix.Errno { return made("evil", unix.O_CREAT|unix.O_WRONLY, 0o2755) },
	"setuid temporary": func(victim) unix.Errno { return made(".", unix.O_TMPFILE|unix.O_WRONLY, 0o4755) },
	"setuid node":      func(v victim) unix.Errno { return raw(unix.SYS_MKNODAT, here, name("evil"), unix.S_IFREG|0o4755, 0) },
	"read and empty":   func(v victim) unix.Errno { return raw(unix.SYS_OPENAT, here, v.path, unix.O_RDONLY|unix.O_TRUNC, 0) },
	"truncate":         func(v victim) unix.Errno { return raw(unix.SYS_TRUNCATE, v.path, 0) },
	"inotify":          func(victim) unix.Errno { return raw(unix.SYS_INOTIFY_INIT1, 0) },
	"seccomp": func(v victim) unix.Errno {
		return raw(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, v.path)
	},
	"openat2":        func(v victim) unix.Errno { return raw(unix.SYS_OPENAT2, here, v.path, v.path, 24) },
	"datagrams":      func(v victim) unix.Errno { return raw(unix.SYS_SOCKETPAIR, unix.AF_UNIX, unix.SOCK_DGRAM, 0, v.path) },
	"undumpable":     func(victim) unix.Errno { return raw(unix.SYS_PRCTL, unix.PR_SET_DUMPABLE, 0, 0) },
	"pages in pipes": func(victim) unix.Errno { return raw(unix.SYS_VMSPLICE, 2, 0, 0, 0) },
	"files in sockets": func(v victim) unix.Errno {
		return raw(unix.SYS_SENDMSG, 2, v.path, 0) // their number is the user's, and nobody counts what they hold
	},
	"files of a thread": func(victim) unix.Errno {
		return raw(unix.SYS_CLONE, unix.CLONE_VM|unix.CLONE_SIGHAND|unix.CLONE_THREAD)
	},
	"files of this thread": func(victim) unix.Errno {
		return raw(unix.SYS_CLOSE_RANGE, 1<<20, 1<<21, unix.CLOSE_RANGE_UNSHARE)
	},
	"limit the parent": func(v victim) unix.Errno {
		return raw(unix.SYS_PRLIMIT64, parent(), unix.RLIMIT_CORE, v.path, 0)
	},
	"a call of 2050": func(victim) unix.Errno { return raw(4000) },
}

const own = ^uintptr(0) // as it is

func raw(call uintptr, args ...uintptr) unix.Errno {
	var all [6]uintptr
	copy(all[:], args)
	_, _, number := unix.RawSyscall6(call, all[0], all[1], all[2], all[3], all[4], all[5])
	return number
}

func parent() uintptr { return uintptr(os.Getppid()) }

func name(s string) uintptr {
	p, _ := unix.BytePtrFromString(s)
	kept = append(kept, p)
	return uintptr(unsafe.Pointer(p))
}

var kept []*byte // what calls point to

func attribute() uintptr { return name("user.evil") }

func mapped(flags, fd uintptr) unix.Errno {
	return raw(unix.SYS_MMAP, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, flags, fd, 0)
}

func made(path string, flags, mode uintptr) unix.Errno {
	return raw(unix.SYS_OPENAT, here, name(path), flags, mode)
}

// attack tries all attacks on a file and names those that the system let
// happen, or refused for reasons of its own.
func attack(path string) error {
	fd, err := unix.Open(path, unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	v := victim{fd: uintptr(fd), path: name(path)}
	var through []string
	for _, what := range slices.Sorted(maps.Keys(attacks)) {
		number := attacks[what](v)
		if number != unix.EPERM && number != unix.ENOSYS && number != unix.EACCES {
			through = append(through, fmt.Sprintf("%s (%v)", what, number))
		}
	}
	if len(through) > 0 {
		return errors.New(strings.Join(through, ", "))
	}
	return nil
}

func TestNothingIsChangedThatIsNotThePlugins(t *testing.T) {
	path := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(path, []byte("v"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, limits := range []sandbox.Limits{{}, {Programs: true}} {
		limits.ReadPaths = []string{path}
		wantTry(t, start(t, process.Config{Limits: limits}), "done", "attack", path)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o600 || info.Size() != 1 {
		t.Errorf("the file has mode %v and %d bytes, %v", info.Mode(), info.Size(), err)
	}
}

// A mapping of /dev/zero is memory that no process is seen to have.
func TestZeroesKeepNothing(t *testing.T) {
	wantTry(t, start(t, process.Config{}), "permission denied", "zero")
}

// TestAsAnotherUser runs the tests of the sandbox as a user that is not root.
func TestAsAnotherUser(t *testing.T) {
	const nobody = 65534
	if os.Getuid() != 0 {
		t.Skip("only root can be another user")
	}
	folder, err := os.MkdirTemp("/tmp", "another-user-*") //nolint:usetesting // another user can't get into t.TempDir
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	if err := os.Chown(folder, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	plugin := filepath.Join(folder, "libhostile.so")
	content, err := os.ReadFile(hostilePlugin(t))
	if err == nil {
		err = os.WriteFile(plugin, content, 0o644) // another user is to read it
	}
	if err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), "/proc/self/exe",
		"-test.run=Sandbox|Limit|NotThePlugins|Zeroes|Unconfined|Threads|Folder|Hidden|Confinement", "-test.v")
	command.Dir, command.Env = folder, []string{"TMPDIR=" + folder, "PATH=/usr/bin:/bin", hostileVariable + "=" + plugin}
	command.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := command.CombinedOutput()
	if err != nil || !bytes.Contains(out, []byte("--- PASS: TestNothingIsChanged")) {
		t.Errorf("%v\n%s", err, out)
	}
}
