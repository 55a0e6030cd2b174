package queue

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/tagged"
)

// Numbers of a message's fields.
const (
	fieldTask  = 1 // a task that is kept
	fieldEnded = 2 // the numbers of tasks that have ended
	fieldAgain = 3 // number, attempt and time of a task that will run again, as a task
)

// Numbers of a task's fields.
const (
	taskNumber    = 1
	taskID        = 2
	taskRequest   = 3
	taskSubmitted = 4
	taskDue       = 5
	taskAttempt   = 6
	taskLetter    = 7
	taskRetryOf   = 8
)

// framing is more than a task takes in a message beside its id and request.
const framing = 128

// appendTask appends a task to a message.
func appendTask(message []byte, number uint64, r *Record) []byte {
	body := make([]byte, 0, len(r.ID)+len(r.Request)+framing)
	body = tagged.AppendNumber(body, taskNumber, number)
	body = tagged.AppendBytes(body, taskID, r.ID)
	body = tagged.AppendBytes(body, taskRequest, r.Request)
	body = tagged.AppendNumber(body, taskSubmitted, nanoseconds(r.Submitted))
	body = tagged.AppendNumber(body, taskDue, nanoseconds(r.Due))
	body = tagged.AppendNumber(body, taskAttempt, uint64(r.Attempt))
	if r.RetryOf != "" {
		body = tagged.AppendBytes(body, taskRetryOf, r.RetryOf)
	}
	if r.Letter {
		body = tagged.AppendNumber(body, taskLetter, 1)
	}
	return tagged.AppendBytes(message, fieldTask, body)
}

// appendEnded appends that tasks have ended.
func appendEnded(message []byte, numbers []uint64) []byte {
	if len(numbers) == 0 {
		return message
	}
	var body []byte
	for _, n := range numbers {
		body = binary.AppendUvarint(body, n)
	}
	return tagged.AppendBytes(message, fieldEnded, body)
}

// appendAgain appends that a task will run again.
func appendAgain(message []byte, a again) []byte {
	body := tagged.AppendNumber(nil, taskNumber, a.number)
	body = tagged.AppendNumber(body, taskDue, nanoseconds(a.due))
	body = tagged.AppendNumber(body, taskAttempt, uint64(a.attempt))
	return tagged.AppendBytes(message, fieldAgain, body)
}

// A reader is called for what is in a message, in its order.
type reader struct {
	task  func(number uint64, r Record)
	again func(a again)
	ended func(number uint64)
}

// read reads a message.
func (to *reader) read(message []byte) error {
	fields := tagged.Read(message)
	for fields.Next() {
		switch fields.Number {
		case fieldTask:
			number, r, err := readTask(fields.Bytes)
			if err != nil {
				return err
			}
			to.task(number, r)
		case fieldAgain:
			number, r, err := readTask(fields.Bytes)
			if err != nil {
				return err
			}
			to.again(again{number: number, due: r.Due, attempt: r.Attempt})
		case fieldEnded:
			for b := fields.Bytes; len(b) > 0; {
				number, n := binary.Uvarint(b)
				if n <= 0 {
					return tagged.ErrCut
				}
				b = b[n:]
				to.ended(number)
			}
		}
	}
	return fields.Err()
}

// readTask reads a task, which shares the message's memory but for its id.
func readTask(body []byte) (number uint64, r Record, err error) {
	fields := tagged.Read(body)
	for fields.Next() {
		switch fields.Number {
		case taskNumber:
			number = fields.Value
		case taskID:
			r.ID = string(fields.Bytes)
		case taskRequest:
			r.Request = fields.Bytes
		case taskSubmitted:
			r.Submitted = moment(fields.Value)
		case taskDue:
			r.Due = moment(fields.Value)
		case taskAttempt:
			r.Attempt = uint32(min(fields.Value, math.MaxUint32))
		case taskRetryOf:
			r.RetryOf = string(fields.Bytes)
		case taskLetter:
			r.Letter = fields.Value != 0
		}
	}
	return number, r, fields.Err()
}

// nanoseconds is a time as it is written; the zero time is 0.
func nanoseconds(t time.Time) uint64 {
	if t.IsZero() {
		return 0
	}
	return uint64(t.UnixNano())
}

func moment(nanoseconds uint64) time.Time {
	if nanoseconds == 0 {
		return time.Time{}
	}
	return time.Unix(0, int64(nanoseconds))
}
