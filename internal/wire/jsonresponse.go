package wire

import (
	"encoding/base64"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/task"
)

// writer appends JSON by protobuf's rules. After an error what it has is
// worthless.
type writer struct {
	b   []byte
	err error
}

// AppendJSON appends the response's JSON.
func (r *TaskResponse) AppendJSON(b []byte) ([]byte, error) {
	w := writer{b: b}
	w.response(r)
	return w.b, w.err
}

// AppendJSON appends the response's JSON.
func (r *ResultResponse) AppendJSON(b []byte) ([]byte, error) {
	return (*TaskResponse)(r).AppendJSON(b)
}

// AppendJSON appends the response's JSON.
func (r *BatchResponse) AppendJSON(b []byte) ([]byte, error) {
	w := writer{b: b}
	w.raw("{")
	if len(r.Results) > 0 {
		w.key("results")
		w.raw("[")
		for i := range r.Results {
			w.comma(i)
			w.response(&r.Results[i])
		}
		w.raw("]")
	}
	w.raw("}")
	return w.b, w.err
}

func (w *writer) response(r *TaskResponse) {
	w.raw("{")
	w.stringField("taskId", r.TaskID)
	switch {
	case int(r.Status) >= len(statusNames):
		w.key("status")
		w.raw(strconv.Itoa(int(r.Status)))
	case r.Status != Pending:
		w.stringField("status", statusNames[r.Status])
	}
	w.stringField("result", r.Result)
	w.stringField("nodeId", r.NodeID)
	if r.ErrorCode != 0 {
		w.key("errorCode")
		w.b = strconv.AppendUint(w.b, uint64(r.ErrorCode), 10)
	}
	if r.Sequence != 0 {
		w.stringField("sequence", strconv.FormatUint(r.Sequence, 10))
	}
	if r.Value.Kind() != task.KindNull {
		w.key("value")
		w.value(r.Value, 0)
	}
	if r.Attempt != 0 {
		w.key("attempt")
		w.b = strconv.AppendUint(w.b, uint64(r.Attempt), 10)
	}
	w.raw("}")
}

func (w *writer) raw(s string) { w.b = append(w.b, s...) }

// comma parts an element from the one before it.
func (w *writer) comma(index int) {
	if index > 0 {
		w.raw(",")
	}
}

// key begins a field of the object that was opened last.
func (w *writer) key(name string) {
	if w.b[len(w.b)-1] != '{' {
		w.raw(",")
	}
	w.text(name)
	w.raw(":")
}

// stringField writes a field unless it is empty.
func (w *writer) stringField(name, s string) {
	if s != "" {
		w.key(name)
		w.text(s)
	}
}

// text writes a string.
func (w *writer) text(s string) {
	if !utf8.ValidString(s) {
		w.err = errNotUTF8
		return
	}
	w.b = append(w.b, '"')
	start := 0
	for i := range len(s) {
		if c := s[i]; c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		w.b = append(w.b, s[start:i]...)
		w.escape(s[i])
		start = i + 1
	}
	w.b = append(w.b, s[start:]...)
	w.b = append(w.b, '"')
}

func (w *writer) escape(c byte) {
	switch c {
	case '"', '\\':
		w.b = append(w.b, '\\', c)
	case '\b':
		w.raw(`\b`)
	case '\f':
		w.raw(`\f`)
	case '\n':
		w.raw(`\n`)
	case '\r':
		w.raw(`\r`)
	case '\t':
		w.raw(`\t`)
	default:
		w.b = fmt.Appendf(w.b, `\u%04x`, c)
	}
}

// value writes an Any that lies inside depth lists and maps.
func (w *writer) value(v task.Value, depth int) {
	typeURL, err := typeURLOf(v)
	if err == nil && depth > task.MaxDepth {
		err = errTooDeep
	}
	if err != nil {
		w.err = err
		return
	}
	w.raw("{")
	w.stringField("@type", typeURL)
	switch v.Kind() {
	case task.KindList:
		w.list(v, depth)
	case task.KindMap:
		w.mapFields(v, depth)
	default:
		w.key("value")
		w.scalar(v)
	}
	w.raw("}")
}

func (w *writer) list(v task.Value, depth int) {
	items, _ := v.List()
	if len(items) == 0 {
		return
	}
	w.key("values")
	w.raw("[")
	for i, item := range items {
		w.comma(i)
		w.value(item, depth+1)
	}
	w.raw("]")
}

func (w *writer) mapFields(v task.Value, depth int) {
	entries, _ := v.Map()
	if len(entries) == 0 {
		return
	}
	w.key("fields")
	w.raw("{")
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		w.key(key)
		w.value(entries[key], depth+1)
	}
	w.raw("}")
}

func (w *writer) scalar(v task.Value) {
	switch v.Kind() {
	case task.KindBool:
		on, _ := v.Bool()
		w.b = strconv.AppendBool(w.b, on)
	case task.KindInt32:
		i, _ := v.Int32()
		w.b = strconv.AppendInt(w.b, int64(i), 10)
	case task.KindInt64:
		i, _ := v.Int64()
		w.text(strconv.FormatInt(i, 10))
	case task.KindUint32:
		u, _ := v.Uint32()
		w.b = strconv.AppendUint(w.b, uint64(u), 10)
	case task.KindUint64:
		u, _ := v.Uint64()
		w.text(strconv.FormatUint(u, 10))
	case task.KindFloat:
		f, _ := v.Float()
		w.float(float64(f), 32)
	case task.KindDouble:
		f, _ := v.Double()
		w.float(f, 64)
	case task.KindBytes:
		raw, _ := v.Bytes()
		w.text(base64.StdEncoding.EncodeToString(raw))
	default:
		s, _ := v.Str()
		w.text(s)
	}
}

// float writes a number as JavaScript does, which is what protobuf's JSON asks
// for.
func (w *writer) float(f float64, bits int) {
	switch {
	case math.IsNaN(f):
		w.text("NaN")
	case math.IsInf(f, 1):
		w.text("Infinity")
	case math.IsInf(f, -1):
		w.text("-Infinity")
	case f != 0 && (math.Abs(f) < 1e-6 || math.Abs(f) >= 1e21):
		w.b = strconv.AppendFloat(w.b, f, 'e', -1, bits)
		if n := len(w.b); n >= 4 && string(w.b[n-4:n-1]) == "e-0" { // e-09 is e-9
			w.b = append(w.b[:n-2], w.b[n-1])
		}
	default:
		w.b = strconv.AppendFloat(w.b, f, 'f', -1, bits)
	}
}
