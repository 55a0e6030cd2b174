package frame

import (
	"encoding/binary"
	"log/slog"
	"math"

	"github.com/taskscheduler/taskscheduler/internal/clip"
)

// maxText is how long a log line or a note may be.
const maxText = 4 << 10

// Text returns the beginning of a foreign text, as valid UTF-8. It is a copy.
func Text(foreign []byte) string {
	return clip.Text(string(foreign[:min(len(foreign), maxText+1)]), maxText)
}

// A Line is a line of the log.
type Line struct {
	// Call is the id of the call that it belongs to; 0: none.
	Call  uint64
	Level slog.Level
	Text  string
}

// OfLine makes the frame of a line, of which a very long one is cut.
func OfLine(l Line) []byte {
	b := binary.AppendVarint(beginWithID(nil, Log, l.Call), int64(l.Level))
	return end(append(b, clip.Text(l.Text, maxText)...))
}

// ParseLine reads the body of a line.
func ParseLine(body []byte) (Line, error) {
	p := parser{b: body}
	id, level := p.fixed64(), p.varint()
	level = min(max(level, int64(slog.LevelDebug)), int64(slog.LevelError))
	return Line{Call: id, Level: slog.Level(level), Text: Text(p.b)}, p.err
}

// A Report tells how far a call is.
type Report struct {
	Call     uint64
	Fraction float64 // from 0 to 1; when it was read, anything
	Note     string
}

// OfReport makes the frame of a report, of which a very long note is cut.
func OfReport(r Report) []byte {
	b := binary.LittleEndian.AppendUint64(beginWithID(nil, Progress, r.Call), math.Float64bits(r.Fraction))
	return end(append(b, clip.Text(r.Note, maxText)...))
}

// ParseReport reads the body of a report.
func ParseReport(body []byte) (Report, error) {
	p := parser{b: body}
	id, fraction := p.fixed64(), math.Float64frombits(p.fixed64())
	return Report{Call: id, Fraction: fraction, Note: Text(p.b)}, p.err
}
