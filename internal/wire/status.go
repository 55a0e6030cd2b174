package wire

import "google.golang.org/protobuf/encoding/protowire"

// Numbers of the fields of a google.rpc.Status.
const (
	statusCode    = 1
	statusMessage = 2
	statusDetails = 3
)

// AppendStatus appends the protobuf of a google.rpc.Status with one detail: a
// message of the type named.
func AppendStatus(b []byte, code uint32, message, typeName string, detail []byte) []byte {
	b = appendNumber(b, statusCode, uint64(code))
	b = protowire.AppendTag(b, statusMessage, protowire.BytesType)
	b = protowire.AppendString(b, message)
	b = protowire.AppendTag(b, statusDetails, protowire.BytesType)
	start := len(b)
	b = protowire.AppendTag(b, fieldTypeURL, protowire.BytesType)
	b = protowire.AppendString(b, typePrefix+typeName)
	b = protowire.AppendTag(b, fieldContent, protowire.BytesType)
	b = protowire.AppendBytes(b, detail)
	return insertLength(b, start)
}
