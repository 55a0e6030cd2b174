//go:build !windows

package native

import (
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// TestGuardedMemory looks at two pages of which the second may not be read.
func TestGuardedMemory(t *testing.T) {
	size := uint64(unix.Getpagesize())
	pages, err := unix.Mmap(-1, 0, int(2*size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Munmap(pages) })
	if err := unix.Mprotect(pages[size:], unix.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	m, err := newGuardedMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	start := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(pages))))
	pages[8] = 77
	for _, test := range []struct {
		address, n uint64
		want       bool
	}{
		{start, size, true},
		{start + size - 1, 1, true},
		{start + size - 1, 2, false},
		{start + size, 1, false},
		{start + size, 0, true},
		{start, 2 * size, false},
		{0, 1, false},
		{1, 1, false},
		{0xdeadbeefdeadbeef, 8, false},
		{1<<64 - 1, 1, false},
		{1<<64 - 1, 2, false},
	} {
		view, ok := m.View(test.address, test.n)
		if ok != test.want || ok && uint64(len(view)) != test.n {
			t.Errorf("%d bytes at %#x: %t", test.n, test.address-start, ok)
		}
	}
	if view, _ := m.View(start+8, 1); len(view) != 1 || view[0] != 77 {
		t.Errorf("got %v", view)
	}
}
