package faulttest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// disk is an ext4 file system of its own, on a loop device.
type disk struct {
	image, mount string
}

// newDisk makes a disk of that many MiB and mounts it.
func newDisk(t *testing.T, size int64) *disk {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can mount a file system")
	}
	dir := t.TempDir()
	d := &disk{image: filepath.Join(dir, "image"), mount: filepath.Join(dir, "mount")}
	if err := os.Mkdir(d.mount, 0o700); err != nil {
		t.Fatal(err)
	}
	file, err := os.Create(d.image)
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Truncate(size << 20); err != nil {
		t.Fatal(err)
	}
	file.Close()
	command(t, "mkfs.ext4", "-q", "-F", "-m", "0", d.image)
	if out, err := exec.CommandContext(t.Context(), "mount", "-o", "loop", d.image, d.mount).CombinedOutput(); err != nil {
		t.Skipf("loop devices can't be mounted here: %v: %s", err, out)
	}
	t.Cleanup(func() { _ = exec.Command("umount", "-l", d.mount).Run() })
	return d
}

func command(t *testing.T, name string, args ...string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v: %s", name, strings.Join(args, " "), err, out)
	}
}

// cutPower ends the file system as a power cut does: what is in memory, the
// journal's included, never gets to the disk.
func (d *disk) cutPower(t *testing.T) {
	t.Helper()
	const shutdown, noLogFlush = 0x8004587d, 2 // EXT4_IOC_SHUTDOWN
	folder, err := os.Open(d.mount)
	if err != nil {
		t.Fatal(err)
	}
	defer folder.Close()
	if err := unix.IoctlSetPointerInt(int(folder.Fd()), shutdown, noLogFlush); err != nil {
		t.Fatal(err)
	}
}

// remount brings the file system back, as after a start of the machine.
func (d *disk) remount(t *testing.T) {
	t.Helper()
	command(t, "umount", d.mount)
	command(t, "mount", "-o", "loop", d.image, d.mount)
}
