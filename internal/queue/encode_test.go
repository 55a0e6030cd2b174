package queue_test

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/tagged"
)

// TestAnAttemptThatIsTooLarge stays so: it must not become one of the first.
func TestAnAttemptThatIsTooLarge(t *testing.T) {
	const attempt = 6 // the number of its field
	record := tagged.AppendBytes(nil, 1, tagged.AppendNumber(nil, attempt, 1<<32+1))
	records, err := queue.Decode(record)
	if err != nil || len(records) != 1 || records[0].Attempt != math.MaxUint32 {
		t.Errorf("got %+v, %v", records, err)
	}
}

func FuzzDecode(f *testing.F) {
	now := time.Unix(1, 2)
	f.Add(queue.Encode([]queue.Record{
		{ID: "a", Request: []byte("request"), Submitted: now, Due: now.Add(time.Hour), Attempt: 2, RetryOf: "b"},
		{ID: "letter", Request: []byte{}, Submitted: now, Letter: true},
	}))
	f.Fuzz(func(t *testing.T, message []byte) {
		records, err := queue.Decode(message)
		if err != nil {
			return
		}
		again, err := queue.Decode(queue.Encode(records))
		if err != nil || len(records) != len(again) {
			t.Fatalf("%d records, then %d: %v", len(records), len(again), err)
		}
		for i := range records {
			a, b := records[i], again[i]
			if string(a.Request) != string(b.Request) {
				t.Errorf("%q, then %q", a.Request, b.Request)
			}
			a.Request, b.Request = nil, nil
			if !reflect.DeepEqual(a, b) {
				t.Errorf("%+v, then %+v", a, b)
			}
		}
	})
}
