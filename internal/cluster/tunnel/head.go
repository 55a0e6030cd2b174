package tunnel

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/taskscheduler/taskscheduler/internal/tagged"
)

// Numbers of a head's fields.
const (
	headMethod = 1
	headTarget = 2 // path and query
	headFrom   = 3 // the node that calls
	headLength = 4 // of the body, and one more: 0 if it isn't known
	headStatus = 5
	headKey    = 6 // of a header, for the values that follow
	headValue  = 7
)

// A head is what comes before a body: a request's, or, with a status, an answer's.
// A trailer has only the header.
type head struct {
	method, target, from string
	length               int64 // -1: unknown
	status               int
	header               http.Header
}

func (h *head) bytes() []byte {
	var b []byte
	for number, text := range map[uint64]string{headMethod: h.method, headTarget: h.target, headFrom: h.from} {
		if text != "" {
			b = tagged.AppendBytes(b, number, text)
		}
	}
	b = tagged.AppendNumber(b, headLength, uint64(h.length+1))
	b = tagged.AppendNumber(b, headStatus, uint64(h.status))
	return appendHeader(b, h.header)
}

func appendHeader(b []byte, header http.Header) []byte {
	for key, values := range header {
		if len(values) == 0 {
			continue
		}
		b = tagged.AppendBytes(b, headKey, key)
		for _, value := range values {
			b = tagged.AppendBytes(b, headValue, value)
		}
	}
	return b
}

var errNoKey = errors.New("a header has a value and no name")

func readHead(b []byte) (h head, err error) {
	h.header = make(http.Header)
	key := ""
	fields := tagged.Read(b)
	for fields.Next() {
		switch fields.Number {
		case headMethod:
			h.method = string(fields.Bytes)
		case headTarget:
			h.target = string(fields.Bytes)
		case headFrom:
			h.from = string(fields.Bytes)
		case headLength:
			h.length = int64(min(fields.Value, 1<<62))
		case headStatus:
			h.status = int(min(fields.Value, http.StatusNetworkAuthenticationRequired))
		case headKey:
			key = string(fields.Bytes)
		case headValue:
			if key == "" {
				return head{}, errNoKey
			}
			h.header[key] = append(h.header[key], string(fields.Bytes))
		}
	}
	h.length--
	return h, fields.Err()
}

// request returns the request that a head is of, but for its body.
func (h *head) request() (*http.Request, error) {
	target, err := url.ParseRequestURI(h.target)
	if err != nil {
		return nil, err
	}
	return &http.Request{
		Method: h.method, URL: target, RequestURI: h.target, Header: h.header, ContentLength: h.length,
		Proto: "HTTP/2.0", ProtoMajor: 2, RemoteAddr: RemotePrefix + h.from,
	}, nil
}

// RemotePrefix is what a request's RemoteAddr begins with at a [Server]. The name
// of the node that calls follows.
const RemotePrefix = "node "
