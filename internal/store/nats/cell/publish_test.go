package cell_test

import (
	"errors"
	"testing"

	"github.com/nats-io/nats.go"

	"github.com/taskscheduler/taskscheduler/internal/store/nats/cell"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// TestTooFew: servers that choose a leader are asked again, until it is known that they
// are too few to choose one.
func TestTooFew(t *testing.T) {
	c := natstest.Start(t, 1, nil)
	conn, err := nats.Connect(c.Servers[0].ClientURL())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	tries := 0
	s := cell.Stream{Conn: conn, Name: "none", Several: true, TooFew: func() bool { tries++; return tries == 3 }}
	if _, err := s.Set(t.Context(), "nobody.listens", nil, 0); !errors.Is(err, cell.ErrAway) || tries != 3 {
		t.Errorf("after %d tries: %v", tries, err)
	}
}
