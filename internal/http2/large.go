package http2

import (
	"encoding/binary"

	"golang.org/x/net/http2"
)

// processLarge takes in a frame that is larger than maxFrameSize piece by
// piece. The framer would make a buffer of the whole size before a byte of it
// has come, and hold it.
func (c *conn) processLarge(header http2.FrameHeader) error {
	if !c.sawSettings {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	switch header.Type {
	case http2.FrameData:
		return c.processLargeData(header)
	case http2.FrameHeaders, http2.FrameContinuation:
		return c.processLargeHeaders(header)
	case http2.FramePriority, http2.FrameRSTStream, http2.FramePing, http2.FrameWindowUpdate:
		return http2.ConnectionError(http2.ErrCodeFrameSize) // they have one size
	case http2.FramePushPromise:
		return http2.ConnectionError(http2.ErrCodeProtocol)
	case http2.FrameSettings:
		return errCalm // thousands of them
	case http2.FrameGoAway, http2.FramePriorityUpdate: // change nothing, as what we don't know
	}
	err := c.pieces(int(header.Length), func([]byte) error { return nil })
	if err != nil {
		return err
	}
	return c.idleFrame(int(header.Length) / maxFrameSize)
}

// pieces hands out the next n bytes as they come.
func (c *conn) pieces(n int, take func(piece []byte) error) error {
	for n > 0 {
		piece, err := c.in.piece(n)
		if err != nil {
			return err
		}
		if err := take(piece); err != nil {
			return err
		}
		n -= len(piece)
	}
	return nil
}

// processLargeData takes in a part of a body. Whatever becomes of its stream,
// all of the frame is read.
func (c *conn) processLargeData(header http2.FrameHeader) error {
	if header.StreamID == 0 {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	c.startPending() // its handler can read what there is
	left, padding := int(header.Length), 0
	take := func(data []byte, length int) error {
		left -= length
		ended := left == 0 && header.Flags.Has(http2.FlagDataEndStream)
		if err := c.processData(header.StreamID, data, length, ended); err != nil {
			return c.tolerate(header, err)
		}
		return nil
	}
	if header.Flags.Has(http2.FlagDataPadded) {
		piece, err := c.in.piece(1)
		if err != nil {
			return err
		}
		padding = int(piece[0]) // less than a large frame has
		if err := take(nil, 1); err != nil {
			return err
		}
	}
	return c.pieces(left, func(piece []byte) error {
		data := piece[:max(0, min(len(piece), left-padding))]
		return take(data, len(piece))
	})
}

// processLargeHeaders takes in a header block, or a part of it.
func (c *conn) processLargeHeaders(header http2.FrameHeader) error {
	if header.StreamID == 0 {
		return http2.ConnectionError(http2.ErrCodeProtocol)
	}
	h, isFirst := &c.headers, header.Type == http2.FrameHeaders
	if isFirst {
		c.startPending()
		h.block = h.block[:0]
	}
	err := c.pieces(int(header.Length), func(piece []byte) error {
		h.block = append(h.block, piece...)
		return nil
	})
	if err != nil {
		return err
	}
	if isFirst {
		h.begin(header)
	}
	return c.continueBlock(header, header.Flags.Has(http2.FlagHeadersEndHeaders))
}

// begin takes what stands around the fragment of a large HEADERS frame off the
// block. It is never more than such a frame has.
func (h *headerReader) begin(header http2.FrameHeader) {
	h.stream, h.endStream, h.selfish = header.StreamID, header.Flags.Has(http2.FlagHeadersEndStream), false
	block, padding := h.block, 0
	if header.Flags.Has(http2.FlagHeadersPadded) {
		block, padding = block[1:], int(block[0])
	}
	if header.Flags.Has(http2.FlagHeadersPriority) {
		const exclusive = 1 << 31
		h.selfish = binary.BigEndian.Uint32(block)&^exclusive == h.stream
		block = block[5:]
	}
	h.block = block[:len(block)-padding]
}
