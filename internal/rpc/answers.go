package rpc

import (
	"context"
	"net/http"
	"time"

	"github.com/taskscheduler/taskscheduler/task"
)

// smallAnswer is up to what size, in bytes, an answer costs no more than the
// call that it is for.
const smallAnswer = 4 << 10

// TakeAnswer takes room for an answer of n bytes that a client is about to get:
// one that takes none of its answers must not fill the memory with them. They
// have as much room together as requests have. The error says that there is
// none; otherwise the answer's bytes are to be given to [Bodies.AnswerGone].
func (b *Bodies) TakeAnswer(n int) error {
	if b == nil || n <= smallAnswer || b.answers.Add(int64(n)) <= b.limit {
		return nil
	}
	b.answers.Add(-int64(n))
	return task.Errorf(task.ResourceExhausted,
		"the answers that clients have not taken yet hold too many bytes; ask for the result later")
}

// AnswerGone gives back what TakeAnswer took.
func (b *Bodies) AnswerGone(n int) {
	if b != nil && n > smallAnswer {
		b.answers.Add(-int64(n))
	}
}

// AnswersHeld returns how many bytes answers have taken now.
func (b *Bodies) AnswersHeld() int64 { return b.answers.Load() }

// An Answer can tell how large it will be, in bytes.
type Answer interface{ Size() int }

// Answering says that the request of ctx will be answered with a, for which
// there may be no room. It is given back when the handler that [Bodies.Handler]
// made returns. The client has to take it at the pace at which bodies have to
// come.
func Answering(ctx context.Context, a Answer) error {
	body, ok := ctx.Value(bodyKey{}).(*countedBody)
	if !ok {
		return nil
	}
	n := a.Size()
	if n <= smallAnswer {
		return nil
	}
	if text, can := a.(interface{ JSONSize() int }); can && body.json {
		n = text.JSONSize() // up to six times as large
	}
	if err := body.budget.TakeAnswer(n); err != nil {
		return err
	}
	body.answer = n
	PaceAnswer(body.response, n)
	return nil
}

// PaceAnswer has a client take n bytes of answer in time, unless they are few.
func PaceAnswer(w http.ResponseWriter, n int) {
	if due, large := TakeBy(n); large {
		// An error means that the connection has no deadlines, or is gone.
		_ = http.NewResponseController(w).SetWriteDeadline(due)
	}
}

// TakeBy returns by when a client must have taken an answer of n bytes. Small ones
// need not hurry.
func TakeBy(n int) (due time.Time, large bool) {
	if n <= smallAnswer {
		return time.Time{}, false
	}
	return time.Now().Add(pauseAllowed + time.Duration(n)*time.Second/slowestPace), true
}

// answered gives back what Answering took. On HTTP/1 another request may
// follow, which the deadline isn't for.
func (c *countedBody) answered() {
	if c.answer == 0 {
		return
	}
	c.budget.AnswerGone(c.answer)
	if c.paced {
		_ = http.NewResponseController(c.response).SetWriteDeadline(time.Time{})
	}
}
