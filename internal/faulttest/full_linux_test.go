package faulttest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler"
)

// TestFailsWhenTheDiskIsFull: what can't be kept is refused by name, what was
// accepted is there, and all works again when there is room. The engine doesn't
// recover from a write that failed: then it takes a restart.
func TestFailsWhenTheDiskIsFull(t *testing.T) {
	const size = 128
	for name, left := range map[string]int64{"nearly": 10 << 20, "to the last byte": 0} {
		t.Run(name, func(t *testing.T) {
			d := newDisk(t, size)
			n := newNode(t, filepath.Join(d.mount, "data"))
			n.mustStart(t)
			l := newLoad(n)
			for range 20 {
				l.submit(t.Context(), "")
			}
			ballast := d.fill(t, left)
			n.untilSaid(t, codes.ResourceExhausted)
			for range 20 {
				if id := l.submit(t.Context(), ""); id != "" {
					t.Errorf("%s was accepted on a full disk", id)
				}
			}
			for said := range l.refused {
				if !strings.Contains(said, "there is no room") {
					t.Errorf("on a full disk: %s", said)
				}
			}
			clear(l.refused)
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
			if left == 0 {
				n.kill()
				n.mustStart(t)
			}
			n.untilSaid(t, codes.OK)
			l.submit(t.Context(), "")
			n.kill()
			n.mustStart(t)
			if c := l.settle(t); c.lost > 0 || c.accepted < 21 {
				t.Errorf("%+v", c)
			}
			n.stop(t)
		})
	}
}

// fill fills the disk but for so many bytes, and returns the file that does.
func (d *disk) fill(t *testing.T, left int64) string {
	t.Helper()
	name := filepath.Join(d.mount, "ballast")
	file, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	piece := make([]byte, 64<<10)
	for err == nil {
		_, err = file.Write(piece)
	}
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	if err := file.Truncate(max(0, info.Size()-left)); err != nil {
		t.Fatal(err)
	}
	return name
}

// untilSaid submits until it is answered with that code.
func (n *node) untilSaid(t *testing.T, want codes.Code) {
	t.Helper()
	argument, err := anypb.New(wrapperspb.String(strings.Repeat("x", 10_000)))
	if err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); ; {
		err = n.conn.Invoke(t.Context(), service+"SubmitTask",
			&pb.TaskRequest{Method: "ping", Detached: true, Args: []*anypb.Any{argument}}, new(pb.TaskResponse))
		if status.Code(err) == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("got %v, want %v; it says: %s", err, want, n.said())
		}
	}
}
