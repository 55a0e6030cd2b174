package deploy_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

// rootVariable names a folder in which this program is to start its arguments, as
// a container's first process.
const rootVariable = "DEPLOY_TEST_ROOT"

func TestMain(m *testing.M) {
	if root := os.Getenv(rootVariable); root != "" {
		panic(enter(root))
	}
	goleak.VerifyTestMain(m)
}

// enter becomes a program of the container: with a root that can't be written to,
// but for /tmp, and the image's user. It returns only if it can't.
func enter(root string) error {
	const contained = unix.MS_NOSUID | unix.MS_NODEV
	for _, m := range []struct {
		source, target, kind string
		flags                uintptr
		data                 string
	}{
		{target: "/", flags: unix.MS_REC | unix.MS_PRIVATE},
		{source: root, target: root, flags: unix.MS_BIND},
		{source: "proc", target: root + "/proc", kind: "proc", flags: contained | unix.MS_NOEXEC},
		{source: "/dev/null", target: root + "/dev/null", flags: unix.MS_BIND},
		{source: "tmpfs", target: root + "/tmp", kind: "tmpfs", flags: contained, data: "mode=1777,size=256m"},
		{target: root, flags: unix.MS_BIND | unix.MS_REMOUNT | unix.MS_RDONLY},
	} {
		if err := unix.Mount(m.source, m.target, m.kind, m.flags, m.data); err != nil {
			return fmt.Errorf("mounting %s: %w", m.target, err)
		}
	}
	if err := errors.Join(unix.Chroot(root), unix.Chdir("/"), dropUser()); err != nil {
		return err
	}
	return syscall.Exec(os.Args[1], os.Args[1:], strings.Split(os.Getenv("DEPLOY_TEST_ENV"), "\n"))
}

// dropUser becomes the image's user. A user namespace, which is for tests that
// aren't root's, knows no other than its own.
func dropUser() error {
	id, err := strconv.Atoi(os.Getenv("DEPLOY_TEST_USER"))
	if err != nil || id == 0 {
		return err
	}
	if err := syscall.Setgroups(nil); err != nil {
		return err
	}
	if err := syscall.Setgid(id); err != nil {
		return err
	}
	return syscall.Setuid(id)
}

// inContainer returns a command that runs in a container of that root.
func inContainer(t *testing.T, root, user string, env []string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	user, _, _ = strings.Cut(user, ":")
	command := exec.CommandContext(t.Context(), self, args...)
	command.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID, Pdeathsig: syscall.SIGKILL}
	if os.Getuid() != 0 {
		user = "0"
		command.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
		command.SysProcAttr.UidMappings = []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
		command.SysProcAttr.GidMappings = []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	}
	command.Env = []string{rootVariable + "=" + root, "DEPLOY_TEST_USER=" + user, "DEPLOY_TEST_ENV=" + strings.Join(env, "\n")}
	return command
}
