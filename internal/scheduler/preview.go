package scheduler

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/taskscheduler/taskscheduler/task"
)

// preview returns values as a JSON list, bytes in base64. What is more than about
// so many bytes is cut, and "…" stands there: neither time nor memory go into it.
func preview(values []task.Value, most int) string {
	p := previewer{most: most}
	p.list(values)
	return string(p.text)
}

// previewer writes until it has written enough.
type previewer struct {
	text []byte
	most int
}

func (p *previewer) write(text string) { p.text = append(p.text, text...) }

// room is how many bytes more are written.
func (p *previewer) room() int { return max(p.most-len(p.text), 0) }

func (p *previewer) value(v task.Value) {
	switch v.Kind() {
	case task.KindString:
		s, _ := v.Str()
		p.string(s)
	case task.KindBytes:
		b, _ := v.Bytes()
		short := b[:min(len(b), p.room())]
		p.quote(base64.StdEncoding.EncodeToString(short), len(short) < len(b))
	case task.KindList:
		items, _ := v.List()
		p.list(items)
	case task.KindMap:
		fields, _ := v.Map()
		p.fields(fields)
	case task.KindNull:
		p.write("null")
	default:
		p.write(v.String()) // a number
	}
}

func (p *previewer) string(s string) {
	short := s[:min(len(s), p.room())]
	p.quote(strings.ToValidUTF8(short, ""), len(short) < len(s))
}

func (p *previewer) quote(text string, cut bool) {
	if cut {
		text += "…"
	}
	if quoted, err := json.Marshal(text); err == nil { // as always
		p.text = append(p.text, quoted...)
	}
}

// goesOn reports whether another item is written, behind a comma if it isn't the
// first.
func (p *previewer) goesOn(first bool) bool {
	if !first {
		p.write(",")
	}
	if p.room() == 0 {
		p.write("…")
		return false
	}
	return true
}

func (p *previewer) list(items []task.Value) {
	p.write("[")
	for i, item := range items {
		if !p.goesOn(i == 0) {
			break
		}
		p.value(item)
	}
	p.write("]")
}

func (p *previewer) fields(fields map[string]task.Value) {
	const few = 100 // else sorting them is work
	keys := slices.Collect(maps.Keys(fields))
	if len(keys) <= few {
		slices.Sort(keys)
	}
	p.write("{")
	for i, key := range keys {
		if !p.goesOn(i == 0) {
			break
		}
		p.string(key)
		p.write(":")
		p.value(fields[key])
	}
	p.write("}")
}
