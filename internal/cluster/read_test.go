package cluster

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
)

// TestNoTaskIsCutOff: who hands over more tasks than are taken together hears that, and
// keeps them all; also where the first of them are just as much as is taken.
func TestNoTaskIsCutOff(t *testing.T) {
	empty := queue.Record{ID: "large", Request: make([]byte, most-1<<10)} // its lengths take as many bytes as the real one's
	large := queue.Record{ID: "large", Request: make([]byte, most-(len(queue.Encode([]queue.Record{empty}))-len(empty.Request)))}
	sent := string(queue.Encode([]queue.Record{large}))
	if len(sent) != most {
		t.Fatalf("%d bytes, want %d", len(sent), most)
	}
	for name, c := range map[string]struct {
		sent string
		want int
	}{
		"as much as is taken": {sent, http.StatusOK},
		"and one more task":   {sent + string(queue.Encode([]queue.Record{{ID: "small"}})), http.StatusServiceUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			taken := 0
			answer := httptest.NewRecorder()
			answerTasks(answer, httptest.NewRequest(http.MethodPost, tasksPath, strings.NewReader(c.sent)),
				func(_ context.Context, _ string, tasks []queue.Record) error {
					taken = len(tasks)
					return nil
				})
			if answer.Code != c.want || (taken > 0) != (c.want == http.StatusOK) {
				t.Errorf("the answer is %d, %d tasks taken; want %d", answer.Code, taken, c.want)
			}
		})
	}
}

func FuzzSight(f *testing.F) {
	f.Add(appendSight(nil, &scheduler.Sighting{State: scheduler.Running, WaitsFor: []string{"a", "", "b"}}))
	f.Add([]byte{sightState << 1, 200})
	f.Fuzz(func(t *testing.T, b []byte) {
		first, err := parseSight(b)
		if err != nil {
			return
		}
		if first.State.Ended() {
			t.Errorf("%x is a task that has ended", b)
		}
		again, err := parseSight(appendSight(nil, &first))
		if err != nil || again.State != first.State || !slices.Equal(again.WaitsFor, first.WaitsFor) {
			t.Errorf("got %+v, %v; want %+v", again, err, first)
		}
	})
}

func FuzzMethods(f *testing.F) {
	f.Add(encodeMethods([]string{"add", "", "math::multiply"}))
	f.Fuzz(func(t *testing.T, b []byte) {
		names, err := parseMethods(b)
		if err != nil {
			return
		}
		if again, err := parseMethods(encodeMethods(names)); err != nil || !slices.Equal(again, names) {
			t.Errorf("got %q, %v; want %q", again, err, names)
		}
	})
}
