package cluster

import (
	"io"
	"net/http"

	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/tagged"
)

// sightPath is where a node tells what the others may know of a task: asked with the
// id, it answers with a sighting, or that it has none.
const sightPath = "/cluster/sight"

// Numbers of a sighting's fields.
const (
	sightState    = 1
	sightWaitsFor = 2
)

func answerSight(w http.ResponseWriter, r *http.Request, sight func(id string) (scheduler.Sighting, bool)) {
	id, err := io.ReadAll(io.LimitReader(r.Body, scheduler.MaxIDLength+1))
	if err != nil {
		return // who has asked has gone
	}
	sighting, ok := sight(string(id))
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	_, _ = w.Write(appendSight(nil, &sighting)) // who has asked may have gone
}

func appendSight(b []byte, s *scheduler.Sighting) []byte {
	b = tagged.AppendNumber(b, sightState, uint64(s.State))
	for _, id := range s.WaitsFor {
		b = tagged.AppendBytes(b, sightWaitsFor, id)
	}
	return b
}

func parseSight(b []byte) (s scheduler.Sighting, err error) {
	fields := tagged.Read(b)
	for fields.Next() {
		switch fields.Number {
		case sightState:
			s.State = scheduler.State(min(fields.Value, uint64(scheduler.Running)))
		case sightWaitsFor:
			s.WaitsFor = append(s.WaitsFor, string(fields.Bytes))
		}
	}
	return s, fields.Err()
}
