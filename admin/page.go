package admin

import (
	"cmp"
	"encoding/base64"
	"encoding/binary"
	"strings"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

const (
	defaultPage = 100
	maxPage     = 1000
)

// pageSize returns how much a page holds when a request asks for so much.
func pageSize(asked uint32) int {
	return int(min(cmp.Or(asked, defaultPage), maxPage))
}

// A position is where an execution stands in the order of ListExecutions:
// newest first. It stays the same whatever becomes of the execution and however
// many newer ones there are, so that pages fit together.
type position struct {
	submitted int64 // Unix time in nanoseconds
	id        string
}

func positionOf(x *scheduler.Execution) position { return position{x.Submitted.UnixNano(), x.ID} }

func (p position) compare(other position) int {
	return cmp.Or(cmp.Compare(other.submitted, p.submitted), strings.Compare(other.id, p.id))
}

// token encodes a position; its form is not the clients' business.
func (p position) token() string {
	packed := binary.BigEndian.AppendUint64(nil, uint64(p.submitted))
	return base64.RawURLEncoding.EncodeToString(append(packed, p.id...))
}

// parsePosition is the reverse of token; an empty token is not a position.
func parsePosition(token string) (*position, error) {
	if token == "" {
		return nil, nil //nolint:nilnil // an empty token asks for the first page
	}
	const stamp = 8 // bytes
	packed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(packed) < stamp || len(packed) > stamp+scheduler.MaxIDLength {
		return nil, errPageToken
	}
	return &position{int64(binary.BigEndian.Uint64(packed)), string(packed[stamp:])}, nil
}
