package grpc

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync"

	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/task"
)

// Values of headers, made once.
var (
	onlyGzip = []string{"gzip"}
	statusOK = []string{"0"}
)

const (
	statusTrailer  = http.TrailerPrefix + "Grpc-Status"
	messageTrailer = http.TrailerPrefix + "Grpc-Message"
	detailsTrailer = http.TrailerPrefix + "Grpc-Status-Details-Bin"
)

// SetHeader sets an answer's header, and tells whether its messages may be
// compressed.
func SetHeader(header http.Header, r *http.Request) (compress bool) {
	header["Content-Type"] = r.Header["Content-Type"]
	header["Grpc-Accept-Encoding"] = onlyGzip
	if compress = acceptsGzip(r.Header); compress {
		header["Grpc-Encoding"] = onlyGzip
	}
	return compress
}

// SetTrailer says how a call ended.
func SetTrailer(header http.Header, err error) {
	if err == nil {
		header[statusTrailer] = statusOK
		return
	}
	e := task.ErrorOf(err)
	header[statusTrailer] = []string{strconv.Itoa(int(e.Code))}
	header[messageTrailer] = []string{percentEncode(e.Error())}
	if text := details(err, e); text != "" {
		header[detailsTrailer] = []string{text}
	}
}

// details returns the value of the trailer with an error's details; "" for none.
func details(err error, e *task.Error) string {
	d, ok := errors.AsType[*rpc.DetailedError](err)
	if !ok {
		return ""
	}
	status := wire.AppendStatus(nil, uint32(e.Code), e.Error(), d.Detail.Type(), d.Detail.Bytes())
	return base64.RawStdEncoding.EncodeToString(status)
}

// AppendMessage appends an answer's message to b, compressed if it may be and
// that is worth it.
func AppendMessage(b []byte, answer *wire.TaskResponse, compress bool) ([]byte, error) {
	start := len(b)
	b, err := answer.Append(append(b, make([]byte, HeadBytes)...))
	if err != nil {
		return nil, err
	}
	if message := b[start+HeadBytes:]; compress && len(message) >= rpc.CompressFrom {
		b = appendCompressed(b[:start+HeadBytes], message)
		b[start] = 1
	}
	binary.BigEndian.PutUint32(b[start+1:], uint32(len(b)-start-HeadBytes))
	return b, nil
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

var compressors = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

// appendCompressed appends message in gzip to b, in whose memory it may lie.
func appendCompressed(b, message []byte) []byte {
	var out bytes.Buffer
	w := compressors.Get().(*gzip.Writer) //nolint:forcetypeassert // the pool has nothing else
	w.Reset(&out)
	_, _ = w.Write(message) // a bytes.Buffer takes everything
	_ = w.Close()
	compressors.Put(w)
	return append(b, out.Bytes()...)
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
