package native

import "encoding/binary"

// moveFraction returns code that calls progress's callback with the second
// argument, a double in XMM1, in RDX.
func moveFraction(callback uint64) []byte {
	code := []byte{0x66, 0x48, 0x0f, 0x7e, 0xca, 0x48, 0xb8} // movq rdx, xmm1; mov rax, callback
	code = binary.LittleEndian.AppendUint64(code, callback)
	return append(code, 0xff, 0xe0) // jmp rax
}
