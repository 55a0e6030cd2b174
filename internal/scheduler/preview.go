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
	return p.String()
}

// previewer writes until it has written enough.
type previewer struct {
	strings.Builder

	most int
}

func (p *previewer) full() bool { return p.Len() >= p.most }

func (p *previewer) value(v task.Value) {
	switch v.Kind() {
	case task.KindString:
		s, _ := v.Str()
		p.text(s)
	case task.KindBytes:
		b, _ := v.Bytes()
		short := b[:min(len(b), max(p.most-p.Len(), 0))]
		p.quoted(base64.StdEncoding.EncodeToString(short), len(short) < len(b))
	case task.KindList:
		items, _ := v.List()
		p.list(items)
	case task.KindMap:
		fields, _ := v.Map()
		p.fields(fields)
	case task.KindNull:
		p.WriteString("null")
	default:
		p.WriteString(v.String()) // a number
	}
}

func (p *previewer) text(s string) {
	short := s[:min(len(s), max(p.most-p.Len(), 0))]
	p.quoted(strings.ToValidUTF8(short, ""), len(short) < len(s))
}

func (p *previewer) quoted(text string, cut bool) {
	if cut {
		text += "…"
	}
	quoted, _ := json.Marshal(text) // a string is never refused
	p.Write(quoted)
}

// room reports whether another item is written, behind a comma if it isn't the
// first.
func (p *previewer) room(first bool) bool {
	if !first {
		p.WriteByte(',')
	}
	if p.full() {
		p.WriteString("…")
		return false
	}
	return true
}

func (p *previewer) list(items []task.Value) {
	p.WriteByte('[')
	for i, item := range items {
		if !p.room(i == 0) {
			break
		}
		p.value(item)
	}
	p.WriteByte(']')
}

func (p *previewer) fields(fields map[string]task.Value) {
	const few = 100 // else sorting them is work
	keys := slices.Collect(maps.Keys(fields))
	if len(keys) <= few {
		slices.Sort(keys)
	}
	p.WriteByte('{')
	for i, key := range keys {
		if !p.room(i == 0) {
			break
		}
		p.text(key)
		p.WriteByte(':')
		p.value(fields[key])
	}
	p.WriteByte('}')
}
