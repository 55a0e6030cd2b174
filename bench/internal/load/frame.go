package load

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/net/http2"
)

const (
	frameHeaderBytes = 9
	maxFrameBytes    = 16 << 10 // what every peer takes
)

// appendFrame appends a frame's header and payload.
func appendFrame(b []byte, kind http2.FrameType, flags http2.Flags, stream uint32, payload []byte) []byte {
	n := len(payload)
	b = append(b, byte(n>>16), byte(n>>8), byte(n), byte(kind), byte(flags))
	b = binary.BigEndian.AppendUint32(b, stream)
	return append(b, payload...)
}

// appendData appends a message in as many DATA frames as it takes; the last ends
// the stream if end says so.
func appendData(b []byte, stream uint32, payload []byte, end bool) []byte {
	for len(payload) > maxFrameBytes {
		b = appendFrame(b, http2.FrameData, 0, stream, payload[:maxFrameBytes])
		payload = payload[maxFrameBytes:]
	}
	var flags http2.Flags
	if end {
		flags = http2.FlagDataEndStream
	}
	return appendFrame(b, http2.FrameData, flags, stream, payload)
}

func appendWindowUpdate(b []byte, stream, increment uint32) []byte {
	return appendFrame(b, http2.FrameWindowUpdate, 0, stream, binary.BigEndian.AppendUint32(nil, increment))
}

func appendSetting(b []byte, id http2.SettingID, value uint32) []byte {
	return binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint16(b, uint16(id)), value)
}

// A frame is one of the server's. Its payload lies in the connection's buffer.
type frame struct {
	kind    http2.FrameType
	flags   http2.Flags
	stream  uint32
	payload []byte
}

// cutFrame cuts the first frame off b; ok is false if it has not come whole.
func cutFrame(b []byte) (f frame, rest []byte, ok bool) {
	if len(b) < frameHeaderBytes {
		return f, b, false
	}
	end := frameHeaderBytes + int(b[0])<<16 + int(b[1])<<8 + int(b[2])
	if len(b) < end {
		return f, b, false
	}
	f = frame{
		kind: http2.FrameType(b[3]), flags: http2.Flags(b[4]),
		stream: binary.BigEndian.Uint32(b[5:]) &^ (1 << 31), payload: b[frameHeaderBytes:end],
	}
	return f, b[end:], true
}

// errShape is for what servers may send and none of those here does.
var errShape = errors.New("padding and CONTINUATION are not for this generator")

func (f frame) number() (uint32, error) {
	if len(f.payload) < 4 {
		return 0, fmt.Errorf("a frame %v of %d bytes", f.kind, len(f.payload))
	}
	return binary.BigEndian.Uint32(f.payload) &^ (1 << 31), nil
}
