package http2

import (
	"net/textproto"
	"strings"
)

// canonicalNames are fields that calls usually have, as net/http spells them.
var canonicalNames = canonicals( //nolint:gochecknoglobals // a table, never written
	"accept accept-charset accept-encoding accept-language access-control-allow-credentials " +
		"access-control-allow-headers access-control-allow-methods access-control-allow-origin " +
		"access-control-expose-headers access-control-max-age access-control-request-headers " +
		"access-control-request-method age allow authorization cache-control connect-accept-encoding " +
		"connect-content-encoding connect-protocol-version connect-timeout-ms content-disposition content-encoding " +
		"content-language content-length content-range content-security-policy content-type cookie date etag expect " +
		"expires forwarded from grpc-accept-encoding grpc-encoding grpc-message grpc-status grpc-status-details-bin " +
		"grpc-timeout host if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location " +
		"origin priority range referer retry-after sec-fetch-dest sec-fetch-mode sec-fetch-site server set-cookie " +
		"strict-transport-security te traceparent tracestate trailer user-agent vary via www-authenticate " +
		"x-content-type-options x-forwarded-for x-forwarded-proto x-request-id x-user-agent",
)

func canonicals(names string) map[string]string {
	m := make(map[string]string)
	for name := range strings.FieldsSeq(names) {
		m[name] = textproto.CanonicalMIMEHeaderKey(name)
	}
	return m
}

// wireNames are canonicalNames the other way round.
var wireNames = inverse(canonicalNames) //nolint:gochecknoglobals // a table, never written

func inverse(m map[string]string) map[string]string {
	inverted := make(map[string]string, len(m))
	for k, v := range m {
		inverted[v] = k
	}
	return inverted
}

// wireName is how a field that a handler has set is named on the wire.
func wireName(name string) string {
	if wire, ok := wireNames[name]; ok {
		return wire
	}
	return strings.ToLower(name)
}

// A nameCache remembers the canonical spelling of a connection's own names.
type nameCache struct {
	names map[string]string
	bytes int
}

// maxCachedNames is how many bytes of names a connection may make us remember.
const maxCachedNames = 2 << 10

func (n *nameCache) canonical(name string) string {
	if known, ok := canonicalNames[name]; ok {
		return known
	}
	if known, ok := n.names[name]; ok {
		return known
	}
	canonical := textproto.CanonicalMIMEHeaderKey(name)
	if n.bytes += 100 + 2*len(name); n.bytes <= maxCachedNames {
		if n.names == nil {
			n.names = make(map[string]string)
		}
		n.names[name] = canonical
	}
	return canonical
}
