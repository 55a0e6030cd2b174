package taskplugin

import "unsafe"

// addressMask: pointers have 32 bits, whatever lies in the upper half.
const addressMask = 0xffff_ffff

// As the ABI has them in a module.
type (
	wasmEntry  struct{ name, flags, reserved, run, signature, doc uint32 }
	wasmPlugin struct {
		magic             uint64
		abi, size         uint32
		tasks, _          uint32
		ntasks, entrySize uint64
		release, shutdown uint32
		version, doc      uint32
	}
)

var (
	table  wasmPlugin
	rows   []wasmEntry
	texts  [][]byte   // what table and rows point to
	input  []uint64   // what tp_buf gave
	output [][]uint64 // what the last call's output points to: the server reads it after the call
)

//go:wasmexport tp_init
func tpInit() unsafe.Pointer {
	for _, e := range plugin.entries {
		row := wasmEntry{name: text(e.name), signature: text(e.signature), doc: text(e.doc)}
		if e.async {
			row.flags = 1
		}
		rows = append(rows, row)
	}
	table = wasmPlugin{
		magic: 0x314e474c504b5354, abi: 1, size: uint32(unsafe.Sizeof(table)),
		tasks: address(unsafe.Pointer(unsafe.SliceData(rows))), ntasks: uint64(len(rows)), entrySize: uint64(unsafe.Sizeof(wasmEntry{})),
		version: text(plugin.version), doc: text(plugin.doc),
	}
	return unsafe.Pointer(&table)
}

//go:wasmexport tp_buf
func tpBuf(n uint32) unsafe.Pointer {
	const least = 8192 // numbers: 64 KiB
	input = nil        // before more is allocated
	input = make([]uint64, max(n/8+1, least))
	return unsafe.Pointer(&input[0])
}

// An instance runs one call at a time, and nothing after it: async tasks answer
// before they return as well.
//
//go:wasmexport tp_call
func tpCall(index int32, call, args unsafe.Pointer, nargs int64, result unsafe.Pointer) int32 {
	output = nil
	c := newCall((*rawCall)(call))
	return answer(&plugin.entries[index], c, decodeAll(args, uint64(nargs)), (*value)(result))
}

// allocate returns zeroed memory that stays until the next call.
func allocate(size int) (at uint64, memory []byte) {
	block := make([]uint64, size/8+1)
	output = append(output, block)
	first := unsafe.Pointer(&block[0])
	return uint64(address(first)), unsafe.Slice((*byte)(first), size)
}

func free(uint64) {}

func address(p unsafe.Pointer) uint32 { return uint32(uintptr(p)) }

// text returns the address of a copy of s that stays, terminated; 0 for an empty
// one.
func text(s string) uint32 {
	if s == "" {
		return 0
	}
	terminated := append([]byte(s), 0)
	texts = append(texts, terminated)
	return address(unsafe.Pointer(&terminated[0]))
}

func hostLog(id uint64, level int32, text string) {
	importedLog(id, level, unsafe.Pointer(unsafe.StringData(text)), uint64(len(text)))
}

func hostProgress(id uint64, fraction float64, note string) {
	importedProgress(id, fraction, unsafe.Pointer(unsafe.StringData(note)), uint64(len(note)))
}

func hostCancelled(id uint64) bool { return importedCancelled(id) != 0 }

//go:wasmimport task_host log
func importedLog(id uint64, level int32, text unsafe.Pointer, n uint64)

//go:wasmimport task_host progress
func importedProgress(id uint64, fraction float64, note unsafe.Pointer, n uint64)

//go:wasmimport task_host cancelled
func importedCancelled(id uint64) int32
