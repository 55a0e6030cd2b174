package wire

import (
	"errors"
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// Numbers of a RetryPolicy's fields.
const (
	policyMaxAttempts    = 1
	policyInitialBackoff = 2
	policyMaxBackoff     = 3
	policyMultiplier     = 4
	policyCodes          = 5
)

// maxCodes is more than there are codes.
const maxCodes = 64

var (
	errTooManyCodes = errors.New("retry: more codes than there are")
	errNoTime       = errors.New("start_at is not a time between the years 1 and 9999")
	errNoDuration   = errors.New("retry: a backoff's nanos are of another sign than its seconds, or a second or more")
)

func (p *RetryPolicy) field(f *fields) {
	switch f.number {
	case policyMaxAttempts:
		p.MaxAttempts = uint32(f.varint())
	case policyInitialBackoff:
		p.InitialBackoff = f.duration()
	case policyMaxBackoff:
		p.MaxBackoff = f.duration()
	case policyMultiplier:
		if f.as(protowire.Fixed64Type) {
			p.Multiplier = math.Float64frombits(f.bits)
		}
	case policyCodes:
		p.codes(f)
	}
}

// codes reads the codes, which come one by one or packed into one field.
func (p *RetryPolicy) codes(f *fields) {
	if f.typ == protowire.VarintType {
		f.note(p.addCode(uint32(f.bits)))
		return
	}
	if !f.as(protowire.BytesType) {
		return
	}
	for b := f.bytes(); len(b) > 0; {
		code, n := protowire.ConsumeVarint(b)
		err := protowire.ParseError(n)
		if n > 0 {
			b, err = b[n:], p.addCode(uint32(code))
		}
		if err != nil {
			f.note(err)
			return
		}
	}
}

func (p *RetryPolicy) addCode(code uint32) error {
	if len(p.Codes) == maxCodes {
		return errTooManyCodes
	}
	p.Codes = append(p.Codes, code)
	return nil
}

// A moment is a google.protobuf.Timestamp or Duration.
type moment struct {
	seconds int64
	nanos   int32
}

func (m *moment) field(f *fields) {
	switch f.number {
	case 1:
		m.seconds = int64(f.varint())
	case 2:
		m.nanos = int32(f.varint())
	}
}

// The seconds of the first and the last moment that a Timestamp can tell.
const (
	firstSecond = -62135596800
	lastSecond  = 253402300799
)

// into sets t to the moment, as a Timestamp.
func (m *moment) into(t *time.Time) error {
	if m.seconds < firstSecond || m.seconds > lastSecond || m.nanos < 0 || m.nanos >= int32(time.Second) {
		return errNoTime
	}
	*t = time.Unix(m.seconds, int64(m.nanos)).UTC()
	return nil
}

// duration reads a Duration; one too long for a time.Duration becomes the
// longest.
func (f *fields) duration() time.Duration {
	var m moment
	f.message(m.field)
	const most = math.MaxInt64 / int64(time.Second)
	switch {
	case m.nanos <= -int32(time.Second) || m.nanos >= int32(time.Second),
		m.seconds > 0 && m.nanos < 0, m.seconds < 0 && m.nanos > 0:
		f.note(errNoDuration)
		return 0
	case m.seconds >= most:
		return math.MaxInt64
	case m.seconds <= -most:
		return math.MinInt64
	}
	return time.Duration(m.seconds)*time.Second + time.Duration(m.nanos)
}
