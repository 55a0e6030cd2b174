package wire

import (
	"bytes"

	"github.com/taskscheduler/taskscheduler/internal/jsontext"
	"github.com/taskscheduler/taskscheduler/task"
)

// Arguments are a task's arguments as they came. They cost nothing until
// [Arguments.Decode].
type Arguments struct {
	count   int
	message []byte          // the TaskRequest they came in; or
	text    *jsontext.Text  // the JSON that has them,
	at      jsontext.Cursor // at their list
	apart   bool            // message is large: each one's memory is its own
	lent    bool            // message is the caller's: what values need of it is copied
}

// Len returns how many there are.
func (a *Arguments) Len() int { return a.count }

// Brief reports whether Decode costs next to nothing.
func (a *Arguments) Brief() bool { return a.text == nil && len(a.message) <= brief }

// brief is how many bytes the message has of a call that has few.
const brief = 512

// Decode returns the arguments' values, at most limit, and about how many bytes they hold. An
// error names the argument's position and its type.
func (a *Arguments) Decode(limit int) (values []task.Value, size int, err error) {
	switch err := tooMany("arguments", a.count, limit); {
	case err != nil:
		return nil, 0, err
	case a.count == 0:
		return nil, 0, nil
	}
	values = make([]task.Value, 0, a.count)
	if a.text != nil {
		return a.decodeJSON(values)
	}
	f := fields{all: a.message}
	for lent := a.lent; f.next(); {
		if f.number != requestArgs {
			continue
		}
		var item packed
		b := f.bytes()
		err := item.merge(b)
		if err == nil && (lent || a.apart) && shares(item.typeURL) {
			if a.apart {
				b = bytes.Clone(b)
			} else { // the others are likely to need theirs too
				f.own()
				b, lent = f.bytes(), false
			}
			item = packed{}
			err = item.merge(b)
		}
		var v task.Value
		if err == nil {
			v, err = decode(item.typeURL, item.value, 0)
		}
		if err != nil {
			return nil, 0, argumentError(len(values), err)
		}
		values = append(values, v)
		size += len(b)
	}
	return values, size, nil
}

// Bytes returns how large the message is that they came in: until they are decoded, it
// stays in memory.
func (a *Arguments) Bytes() int {
	if a.text != nil {
		return a.text.Len()
	}
	return len(a.message)
}

// Drop lets go of the message. Values that share its memory keep it.
func (a *Arguments) Drop() { *a = Arguments{} }

func argumentError(index int, err error) error {
	return task.Errorf(task.InvalidArgument, "argument %d: %w", index+1, err)
}
