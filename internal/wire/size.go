package wire

import "github.com/taskscheduler/taskscheduler/task"

const (
	// answerOverhead is about what an answer takes beside its texts: tags, lengths,
	// numbers.
	answerOverhead = 64
	// answerJSONOverhead is the same in JSON, where fields have names.
	answerJSONOverhead = 192
	// AnyBytes is about what an Any takes beside its texts, at the most: its type,
	// tags, lengths, a number.
	AnyBytes = 72
	// anyJSONBytes is the same in JSON.
	anyJSONBytes = 110
)

// Size returns about how many bytes the response takes on the wire.
func (r *TaskResponse) Size() int {
	size := answerOverhead + len(r.TaskID) + len(r.Result) + len(r.NodeID)
	if r.Value.Kind() != task.KindNull {
		size += valueSize(r.Value, AnyBytes, func(s string) int { return len(s) })
	}
	return size
}

// Size returns about how many bytes the response takes on the wire.
func (r *ResultResponse) Size() int { return (*TaskResponse)(r).Size() }

// Size returns about how many bytes the response takes on the wire.
func (r *BatchResponse) Size() (size int) {
	for i := range r.Results {
		size += r.Results[i].Size()
	}
	return size
}

// JSONSize returns about how many bytes the response's JSON takes at the most.
func (r *TaskResponse) JSONSize() int {
	size := answerJSONOverhead + textSize(r.TaskID) + textSize(r.Result) + len(r.NodeID)
	if r.Value.Kind() != task.KindNull {
		size += valueSize(r.Value, anyJSONBytes, textSize)
	}
	return size
}

// JSONSize returns about how many bytes the response's JSON takes at the most.
func (r *ResultResponse) JSONSize() int { return (*TaskResponse)(r).JSONSize() }

// JSONSize returns about how many bytes the response's JSON takes at the most.
func (r *BatchResponse) JSONSize() (size int) {
	for i := range r.Results {
		size += r.Results[i].JSONSize()
	}
	return size
}

// textSize returns how many bytes a text takes in JSON at the most.
func textSize(s string) int {
	const longest = len(`\u0000`) // that a byte may become
	size := len(s)
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' {
			size += longest - 1
		}
	}
	return size
}

// valueSize returns about how many bytes v takes, if each value in it takes that
// many beside its texts.
func valueSize(v task.Value, each int, text func(string) int) (size int) {
	size = each
	switch v.Kind() {
	case task.KindString:
		s, _ := v.Str()
		size += text(s)
	case task.KindBytes:
		b, _ := v.Bytes()
		size += len(b) + len(b)/2 // base64 where it is JSON
	case task.KindList:
		items, _ := v.List()
		for _, item := range items {
			size += valueSize(item, each, text)
		}
	case task.KindMap:
		entries, _ := v.Map()
		for key, item := range entries {
			size += text(key) + valueSize(item, each, text)
		}
	default:
	}
	return size
}
