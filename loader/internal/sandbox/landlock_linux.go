package sandbox

import (
	"errors"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Rights of landlock's, by the version that brought them.
const (
	mayRead    = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_READ_DIR
	mayExecute = unix.LANDLOCK_ACCESS_FS_EXECUTE
	mayChange  = unix.LANDLOCK_ACCESS_FS_WRITE_FILE | unix.LANDLOCK_ACCESS_FS_REMOVE_DIR |
		unix.LANDLOCK_ACCESS_FS_REMOVE_FILE | unix.LANDLOCK_ACCESS_FS_MAKE_DIR | unix.LANDLOCK_ACCESS_FS_MAKE_REG |
		unix.LANDLOCK_ACCESS_FS_MAKE_SOCK | unix.LANDLOCK_ACCESS_FS_MAKE_FIFO | unix.LANDLOCK_ACCESS_FS_MAKE_SYM |
		unix.LANDLOCK_ACCESS_FS_REFER | unix.LANDLOCK_ACCESS_FS_TRUNCATE
	mayMakeDevices = unix.LANDLOCK_ACCESS_FS_MAKE_CHAR | unix.LANDLOCK_ACCESS_FS_MAKE_BLOCK
	mayControl     = unix.LANDLOCK_ACCESS_FS_IOCTL_DEV

	// onFiles are those that make sense for something that is not a folder.
	onFiles = unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE |
		unix.LANDLOCK_ACCESS_FS_TRUNCATE | mayExecute | mayControl
)

// systemPaths are what libraries, and the libraries that they use, may read:
// code, and the little that the C library looks up. Secrets have no place there.
var systemPaths = [...]string{
	"/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/nix/store",
	"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/alternatives",
	"/sys/devices/system/cpu", "/sys/kernel/mm/transparent_hugepage",
	"/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/sys/vm/overcommit_memory",
	"/dev/random", "/dev/urandom", "/dev/zero",
}

// networkPaths are what it takes to find a host's address and to trust it.
var networkPaths = [...]string{
	"/etc/hosts", "/etc/resolv.conf", "/etc/nsswitch.conf", "/etc/host.conf", "/etc/gai.conf",
	"/etc/services", "/etc/protocols", "/etc/ssl/certs", "/etc/ssl/cert.pem", "/etc/ssl/openssl.cnf",
	"/etc/pki/tls/certs", "/etc/pki/ca-trust", "/etc/ca-certificates",
}

// writablePaths are devices that keep nothing. /dev/zero does, if it is mapped.
var writablePaths = [...]string{"/dev/null", "/dev/full"}

// A ruleset is a landlock ruleset that is being made.
type ruleset struct {
	fd      int
	handled uint64 // what is forbidden wherever no rule allows it
}

// restrictFiles restricts the thread to the files that the plugin is to have:
// what libraries need, its own file, and its working folder.
func restrictFiles(l Limits, file string) error {
	rules, err := newRuleset(l.Network)
	if err != nil {
		return err
	}
	defer unix.Close(rules.fd)
	folder, err := os.Getwd()
	if err != nil {
		return err
	}
	read := append(append([]string{}, systemPaths[:]...), l.ReadPaths...)
	if l.Network {
		read = append(read, networkPaths[:]...)
	}
	write := append(append([]string{folder}, writablePaths[:]...), l.WritePaths...)
	// Whether programs may be run at all is for seccomp to say; this process is
	// yet to start itself anew, with the system's dynamic linker.
	errs := []error{rules.allow("/proc/self/exe", mayRead|mayExecute), rules.allow(file, mayRead)}
	for _, path := range read {
		errs = append(errs, rules.allow(path, mayRead|mayExecute))
	}
	for _, path := range write {
		errs = append(errs, rules.allow(path, mayRead|mayChange))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	_, _, failed := unix.Syscall(unix.SYS_LANDLOCK_RESTRICT_SELF, uintptr(rules.fd), 0, 0)
	return syscallError("landlock_restrict_self", failed)
}

// The versions of landlock that see a file being truncated by its name, and
// that can keep signals in.
const (
	seesTruncate  = 3
	scopesSignals = 6
)

// landlockVersion returns the version that the kernel has; 0 is none.
func landlockVersion() int {
	version, _, failed := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if failed != 0 {
		return 0
	}
	return int(version)
}

// newRuleset makes a ruleset that forbids all that the kernel can forbid.
func newRuleset(network bool) (*ruleset, error) {
	version := landlockVersion()
	if version == 0 {
		return nil, errors.New("the kernel has none, or it is turned off")
	}
	attributes := unix.LandlockRulesetAttr{Handled_access_fs: mayRead | mayExecute | mayChange | mayMakeDevices}
	size := unsafe.Sizeof(attributes.Handled_access_fs)
	if version < 2 {
		attributes.Handled_access_fs &^= unix.LANDLOCK_ACCESS_FS_REFER // always forbidden
	}
	if version < seesTruncate {
		attributes.Handled_access_fs &^= unix.LANDLOCK_ACCESS_FS_TRUNCATE
	}
	if version >= 4 {
		size += unsafe.Sizeof(attributes.Handled_access_net)
		if !network {
			attributes.Handled_access_net = unix.LANDLOCK_ACCESS_NET_BIND_TCP | unix.LANDLOCK_ACCESS_NET_CONNECT_TCP
		}
	}
	if version >= 5 {
		attributes.Handled_access_fs |= mayControl
	}
	if version >= scopesSignals {
		size += unsafe.Sizeof(attributes.Scoped)
		attributes.Scoped = unix.LANDLOCK_SCOPE_SIGNAL | unix.LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET
	}
	fd, _, failed := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attributes)), size, 0)
	if failed != 0 {
		return nil, syscallError("landlock_create_ruleset", failed)
	}
	return &ruleset{fd: int(fd), handled: attributes.Handled_access_fs}, nil
}

// allow allows rights to a path and what is below it. A path that is not there
// needs none.
func (r *ruleset) allow(path string, rights uint64) error {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EACCES) {
		return nil
	}
	if err != nil {
		return &os.PathError{Op: "open", Path: path, Err: err}
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return &os.PathError{Op: "stat", Path: path, Err: err}
	}
	if stat.Mode&unix.S_IFMT != unix.S_IFDIR {
		rights &= onFiles
	}
	rule := unix.LandlockPathBeneathAttr{Allowed_access: rights & r.handled, Parent_fd: int32(fd)}
	_, _, failed := unix.Syscall6(unix.SYS_LANDLOCK_ADD_RULE, uintptr(r.fd), unix.LANDLOCK_RULE_PATH_BENEATH,
		uintptr(unsafe.Pointer(&rule)), 0, 0, 0)
	if failed != 0 {
		return &os.PathError{Op: "landlock_add_rule", Path: path, Err: failed}
	}
	return nil
}

// syscallError returns nil for no error.
func syscallError(name string, number unix.Errno) error {
	if number == 0 {
		return nil
	}
	return os.NewSyscallError(name, number)
}
