package literal

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/taskscheduler/taskscheduler/task"
)

// Format returns the word that [Parse] makes a value of.
func Format(v task.Value) string {
	switch v.Kind() {
	case task.KindString:
		s, _ := v.Str()
		if read, err := (reader{}).plain(s); err == nil && read {
			return s
		}
		return "str:" + s
	case task.KindList, task.KindMap:
		return string(appendJSON(nil, v))
	default:
		return scalar(v)
	}
}

// plain tells whether a word is read as the string that it is.
func (r reader) plain(word string) (bool, error) {
	if prefix, _, typed := strings.Cut(word, ":"); typed && slices.Contains(prefixes, prefix) {
		return false, nil
	}
	v, err := r.word(word)
	return v.Kind() == task.KindString, err
}

// prefixes are those of typed words.
var prefixes = []string{"i32", "i64", "u32", "u64", "f32", "f64", "bool", "str", "bytes", "b64"}

// scalar returns the word of what is no string, list or map.
func scalar(v task.Value) string {
	text, _ := v.Text()
	switch v.Kind() {
	case task.KindInt64:
		return "i64:" + text
	case task.KindUint32:
		return "u32:" + text
	case task.KindUint64:
		return "u64:" + text
	case task.KindFloat:
		return "f32:" + text
	case task.KindDouble:
		f, _ := v.Double()
		if text = strconv.FormatFloat(f, 'g', -1, 64); !strings.ContainsAny(text, ".e") || math.IsInf(f, 0) || math.IsNaN(f) {
			return "f64:" + text
		}
		return text
	case task.KindBytes:
		b, _ := v.Bytes()
		return "b64:" + base64.StdEncoding.EncodeToString(b)
	case task.KindNull:
		return "null" // which no argument is
	default:
		return text // as JSON has it
	}
}

// appendJSON appends a value inside a list or a map.
func appendJSON(b []byte, v task.Value) []byte {
	switch v.Kind() {
	case task.KindString:
		s, _ := v.Str()
		if prefix, _, typed := strings.Cut(s, ":"); typed && slices.Contains(prefixes, prefix) {
			s = "str:" + s
		}
		return appendString(b, s)
	case task.KindList:
		items, _ := v.List()
		b = append(b, '[')
		for i, item := range items {
			if i > 0 {
				b = append(b, ',')
			}
			b = appendJSON(b, item)
		}
		return append(b, ']')
	case task.KindMap:
		fields, _ := v.Map()
		b = append(b, '{')
		for i, key := range slices.Sorted(maps.Keys(fields)) {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, key), ':')
			b = appendJSON(b, fields[key])
		}
		return append(b, '}')
	default:
		word := scalar(v)
		if strings.Contains(word, ":") {
			return appendString(b, word)
		}
		return append(b, word...)
	}
}

func appendString(b []byte, s string) []byte {
	text, err := json.Marshal(s)
	if err != nil { // which it is for no string
		text = []byte(`""`)
	}
	return append(b, text...)
}
