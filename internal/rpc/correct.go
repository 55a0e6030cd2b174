package rpc

import (
	"fmt"
	"net/http"
	"strings"

	"connectrpc.com/connect"
)

// encodings are those in which messages may come, beside none.
const encodings = "gzip"

// Correct mends what Connect leaves wrong on the wire.
//
// It answers an encoding that we lack with an empty grpc-encoding, which makes
// clients of gRPC's C core give up every later call on the connection. And it
// takes a message that begins or ends with a blank over as it is: no legal value
// of a header.
func Correct(next http.Handler) http.Handler {
	writer := connect.NewErrorWriter()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if encoding := encodingOf(r.Header); encoding != "" {
			refuseEncoding(writer, w, r, encoding)
			return
		}
		next.ServeHTTP(w, r)
		header := w.Header()
		correctMessage(header, http.TrailerPrefix+"Grpc-Message")
		correctMessage(header, "Grpc-Message")
	})
}

// encodingOf returns the encoding of a request that we lack, or "".
func encodingOf(header http.Header) string {
	contentType := header.Get("Content-Type")
	name := "Content-Encoding"
	switch {
	case strings.HasPrefix(contentType, "application/grpc"):
		name = "Grpc-Encoding"
	case strings.HasPrefix(contentType, "application/connect+"):
		name = "Connect-Content-Encoding"
	}
	switch encoding := header.Get(name); encoding {
	case "", "identity", encodings:
		return ""
	default:
		return encoding
	}
}

func refuseEncoding(writer *connect.ErrorWriter, w http.ResponseWriter, r *http.Request, encoding string) {
	err := connect.NewError(connect.CodeUnimplemented,
		fmt.Errorf("messages encoded as %q are not understood: those encoded as %s are, or not encoded at all", encoding, encodings))
	if !writer.IsSupported(r) {
		http.Error(w, err.Message(), http.StatusUnsupportedMediaType)
		return
	}
	for _, name := range []string{"Grpc-Accept-Encoding", "Connect-Accept-Encoding", "Accept-Encoding"} {
		w.Header().Set(name, encodings)
	}
	_ = writer.Write(w, r, err) // the client went away
}

// correctMessage escapes blanks at the ends, which Connect leaves as they are.
func correctMessage(header http.Header, name string) {
	values := header[name]
	if len(values) == 0 {
		return
	}
	message := values[0]
	trimmed := strings.Trim(message, " ")
	if len(trimmed) == len(message) {
		return
	}
	before := len(message) - len(strings.TrimLeft(message, " "))
	after := len(message) - before - len(trimmed)
	values[0] = strings.Repeat("%20", before) + trimmed + strings.Repeat("%20", after)
}

// Uncompressed keeps next from compressing its answers: gRPC's C core, with
// which health is watched, doesn't decompress them.
func Uncompressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Grpc-Accept-Encoding", "Connect-Accept-Encoding", "Accept-Encoding"} {
			r.Header.Del(name)
		}
		next.ServeHTTP(w, r)
	})
}
