package wasm

import (
	"encoding/binary"
	"testing"

	"github.com/tetratelabs/wazero"

	"github.com/taskscheduler/taskscheduler/loader/internal/library/abi"
)

// onePage is a module that exports a memory of 64 KiB and nothing else.
const onePage = "\x00asm\x01\x00\x00\x00" + "\x05\x03\x01\x00\x01" + "\x07\x0a\x01\x06memory\x02\x00"

func openMemory(t testing.TB) memory {
	t.Helper()
	runtime := wazero.NewRuntime(t.Context())
	t.Cleanup(func() { _ = runtime.Close(t.Context()) })
	module, err := runtime.Instantiate(t.Context(), []byte(onePage))
	if err != nil {
		t.Fatal(err)
	}
	return memory{module.Memory()}
}

func TestViewChecksBounds(t *testing.T) {
	m := openMemory(t)
	const size = 64 << 10
	for _, test := range []struct {
		address, n uint64
		ok         bool
	}{
		{8, 8, true},
		{8, size - 8, true},
		{8, size - 7, false},
		{size - 1, 1, true},
		{size, 1, false},
		{size, 0, true},
		{0, 1, false},
		{0, 0, true},
		{0xffff_ffff, 1, false},
		{0xffff_ffff, 0xffff_ffff, false},
		{8, 1 << 32, false},
		{8, 1<<64 - 8, false},
		{0xabcd_0000_0008, 8, true}, // what lies in the upper half is not the module's pointer
	} {
		if view, ok := m.View(test.address, test.n); ok != test.ok || ok && uint64(len(view)) != test.n {
			t.Errorf("%d bytes at %#x: got %d, %t, want %t", test.n, test.address, len(view), ok, test.ok)
		}
	}
}

// FuzzOutput reads outputs from a module's memory that holds whatever the
// module put there: it must neither crash nor read what is not there.
func FuzzOutput(f *testing.F) {
	m := openMemory(f)
	value := func(kind uint32, payload, n uint64) []byte {
		b := binary.LittleEndian.AppendUint64(nil, uint64(kind))
		return binary.LittleEndian.AppendUint64(binary.LittleEndian.AppendUint64(b, payload), n)
	}
	f.Add(value(8, 0xfff0, 16), uint32(64))
	f.Add(value(8, 0xfff0, 17), uint32(64))
	f.Add(value(9, 0xffff_ffff, 0xffff_ffff), uint32(64))
	f.Add(value(10, 88, 2), uint32(64))
	f.Add(value(11, 0x1_0000_0058, 1), uint32(64))
	f.Add(value(2, 7, 0), uint32(0xffe8))
	f.Fuzz(func(t *testing.T, content []byte, address uint32) {
		content = content[:min(len(content), 4096)]
		at := min(address, 64<<10-uint32(len(content)))
		m.Write(at, content)
		defer m.Write(at, make([]byte, len(content)))
		for status := range int32(6) {
			abi.Outcome(m, status, uint64(address))
		}
		_, _ = abi.ReadPlugin(m, uint64(address), 4)
	})
}
