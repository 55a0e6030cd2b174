package service

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// plainAnswer writes what a gRPC client gets, as Connect's handler would.
type plainAnswer struct {
	w      http.ResponseWriter
	r      *http.Request
	buffer *[]byte
}

// Values of headers, made once.
var (
	onlyGzip = []string{"gzip"}
	statusOK = []string{"0"}
)

const (
	statusTrailer  = http.TrailerPrefix + "Grpc-Status"
	messageTrailer = http.TrailerPrefix + "Grpc-Message"
)

func (a *plainAnswer) write(response *wire.TaskResponse, err error) {
	header := a.w.Header()
	header["Content-Type"] = a.r.Header["Content-Type"]
	header["Grpc-Accept-Encoding"] = onlyGzip
	header["Content-Length"] = nil // which keeps net/http from adding one, as a flush does for Connect
	compress := acceptsGzip(a.r.Header)
	if compress {
		header["Grpc-Encoding"] = onlyGzip
	}
	if err == nil {
		err = a.writeMessage(response, compress)
	}
	if err == nil {
		header[statusTrailer] = statusOK
		return
	}
	e := task.ErrorOf(err)
	header[statusTrailer] = []string{strconv.Itoa(int(e.Code))}
	header[messageTrailer] = []string{percentEncode(e.Error())}
}

func (a *plainAnswer) writeMessage(response *wire.TaskResponse, compress bool) error {
	b, err := response.Append(append((*a.buffer)[:0], make([]byte, envelopeBytes)...))
	if err != nil {
		return err
	}
	if cap(b) <= plainBytes {
		*a.buffer = b
	}
	if compress && len(b)-envelopeBytes >= rpc.CompressFrom {
		b = deflated(b[envelopeBytes:])
		b[0] = 1
	}
	binary.BigEndian.PutUint32(b[1:], uint32(len(b)-envelopeBytes))
	_, _ = a.w.Write(b) //nolint:gosec // a gRPC message, no page; an error means that the client is gone
	return nil
}

// acceptsGzip tells whether the client understands answers in gzip.
func acceptsGzip(header http.Header) bool {
	accepted := header["Grpc-Accept-Encoding"]
	if len(accepted) == 0 {
		return false
	}
	for name := range strings.FieldsFuncSeq(accepted[0], func(r rune) bool { return r == ',' || r == ' ' }) {
		if name == "gzip" {
			return true
		}
	}
	return false
}

var deflaters = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// deflated returns a message in gzip with room for an envelope before it.
func deflated(message []byte) []byte {
	var out bytes.Buffer
	out.Write(make([]byte, envelopeBytes))
	w := deflaters.Get().(*gzip.Writer) //nolint:forcetypeassert // the pool has nothing else
	w.Reset(&out)
	_, _ = w.Write(message) // a bytes.Buffer takes everything
	_ = w.Close()
	deflaters.Put(w)
	return out.Bytes()
}

// percentEncode writes a message as gRPC wants it in a header: what is not
// printable ASCII, and a percent sign, as %XX. Blanks at its ends too: HTTP has
// no such values.
func percentEncode(message string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(message) {
		c := message[i]
		atEnd := c == ' ' && (i == 0 || i == len(message)-1)
		if c < ' ' || c > '~' || c == '%' || atEnd {
			b.Write([]byte{'%', hex[c>>4], hex[c&15]})
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
