package http2

import (
	"cmp"
	"net/http"
	"time"
)

const (
	// The payload of a frame that we send: what every peer must take, and small
	// enough for streams to take turns.
	maxFrameSize = 16 << 10
	// The payload of one that we take. Most peers ask for no more than that of
	// ours; some don't ask, and net/http lets them.
	maxReadFrameSize = 1 << 20
	// A header block may take this much on the wire before the connection ends
	// for it, or four times the limit for headers, if that is more.
	maxBlockSize = 1 << 20
	// How much may gather for a connection before its handlers wait, and before its
	// reader does.
	maxUnsent        = 48 << 10
	maxUnsentControl = 128 << 10
	// How long a peer may take to notice that the connection is over.
	lingerTimeout = time.Second
	// How long a client may take to answer the first GOAWAY.
	goAwayTimeout = time.Second
	// The size of the tables of header compression.
	headerTableSize = 4096
)

// limits are the settings of all connections.
type limits struct {
	Options

	streams           int   // that a client may have open, and handlers that may run
	headerList        int   // as SETTINGS_MAX_HEADER_LIST_SIZE counts it
	block             int   // a header block on the wire
	streamWindow      int64 // bytes of one body that were not read yet
	connectionWindow  int64 // bytes of all of them
	readHeaderTimeout time.Duration
	readTimeout       time.Duration
	writeTimeout      time.Duration
	idleTimeout       time.Duration
	pingAfter         time.Duration
	pingTimeout       time.Duration
	writeByteTimeout  time.Duration
}

func newLimits(hs *http.Server, options Options) *limits {
	var config http.HTTP2Config
	if hs.HTTP2 != nil {
		config = *hs.HTTP2
	}
	const perField = 32 // bytes that a field counts beside its name and value
	headerList := cmp.Or(hs.MaxHeaderBytes, http.DefaultMaxHeaderBytes) + 10*perField
	options.StallTimeout = cmp.Or(options.StallTimeout, 5*time.Minute)
	return &limits{
		streams:           cmp.Or(config.MaxConcurrentStreams, 250),
		headerList:        headerList,
		block:             max(maxBlockSize, 4*headerList),
		streamWindow:      int64(cmp.Or(config.MaxReceiveBufferPerStream, 1<<20)),
		connectionWindow:  max(initialWindow, int64(cmp.Or(config.MaxReceiveBufferPerConnection, 4<<20))),
		readHeaderTimeout: cmp.Or(hs.ReadHeaderTimeout, hs.ReadTimeout, 10*time.Second),
		readTimeout:       hs.ReadTimeout,
		writeTimeout:      hs.WriteTimeout,
		idleTimeout:       cmp.Or(hs.IdleTimeout, hs.ReadTimeout),
		pingAfter:         config.SendPingTimeout,
		pingTimeout:       cmp.Or(config.PingTimeout, 15*time.Second),
		writeByteTimeout:  cmp.Or(config.WriteByteTimeout, 30*time.Second),
		Options:           options,
	}
}
