package http2

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/http/httpguts"
	"golang.org/x/net/http2/hpack"
)

// snapshot takes over the header as it is when WriteHeader is called. It tells
// whether the handler wants the connection to end.
func (r *response) snapshot() (closeConn bool) {
	for name, values := range r.header {
		switch name {
		case "Content-Type":
			r.hasType = true // even when there is none: the handler says so
		case "Content-Encoding":
			r.hasEncoding = len(values) > 0 && values[0] != ""
		case "Date":
			r.hasDate = true
		case "Content-Length":
			r.setLength(values)
			continue
		case "Trailer":
			for element := range elements(values) {
				r.declare(element)
			}
		case connection:
			closeConn = len(values) > 0 && values[0] == "close"
			continue
		}
		eachField(name, values, func(field hpack.HeaderField) { r.fields = append(r.fields, field) })
	}
	return closeConn
}

func (r *response) setLength(values []string) {
	if len(values) == 0 {
		return
	}
	if n, err := strconv.ParseUint(values[0], 10, 63); err == nil {
		r.length = int64(n)
	}
}

// declare notes that name is a trailer's.
func (r *response) declare(name string) {
	name = http.CanonicalHeaderKey(name)
	if httpguts.ValidTrailerHeader(name) && !slices.Contains(r.declared, name) {
		r.declared = append(r.declared, name)
	}
}

// eachField calls add for what can be sent of a header's values.
func eachField(name string, values []string, add func(hpack.HeaderField)) {
	wire, known := wireNames[name]
	if !known {
		if slices.Contains(connectionFields[:], name) {
			return
		}
		if wire = wireName(name); !httpguts.ValidHeaderFieldName(wire) {
			return // among them those with http.TrailerPrefix
		}
	}
	for _, value := range values {
		if httpguts.ValidHeaderFieldValue(value) {
			add(hpack.HeaderField{Name: wire, Value: value})
		}
	}
}

// collectTrailer takes over the trailers as they are when the handler returns.
func (r *response) collectTrailer() {
	add := func(field hpack.HeaderField) { r.trailer = append(r.trailer, field) }
	for _, name := range r.declared {
		if _, again := r.header[http.TrailerPrefix+name]; !again {
			eachField(name, r.header[name], add)
		}
	}
	for name, values := range r.header {
		if len(name) <= len(http.TrailerPrefix) || !strings.HasPrefix(name, http.TrailerPrefix) {
			continue
		}
		name = name[len(http.TrailerPrefix):]
		if httpguts.ValidTrailerHeader(name) {
			eachField(name, values, add)
		}
	}
}

// A dateText is the Date of all responses of a second.
type dateText struct {
	second int64
	text   string
}

var lastDate atomic.Pointer[dateText] //nolint:gochecknoglobals // the time is everybody's

func httpDate(now time.Time) string {
	second := now.Unix()
	if d := lastDate.Load(); d != nil && d.second == second {
		return d.text
	}
	d := &dateText{second, now.UTC().Format(http.TimeFormat)}
	lastDate.Store(d)
	return d.text
}
