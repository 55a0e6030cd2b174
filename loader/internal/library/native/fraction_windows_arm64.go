package native

import "encoding/binary"

// moveFraction returns code that calls progress's callback with its arguments
// in order: the double comes in D0, the integers around it in X0 to X2.
func moveFraction(callback uint64) []byte {
	var code []byte
	for _, instruction := range []uint32{
		0xaa0203e3, // mov  x3, x2
		0xaa0103e2, // mov  x2, x1
		0x9e660001, // fmov x1, d0
		0x58000070, // ldr  x16, callback: 12 bytes on
		0xd61f0200, // br   x16
		0xd503201f, // nop, which aligns the callback
	} {
		code = binary.LittleEndian.AppendUint32(code, instruction)
	}
	return binary.LittleEndian.AppendUint64(code, callback)
}
