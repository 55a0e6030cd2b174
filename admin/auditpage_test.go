package admin

import (
	"fmt"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// TestAuditsOfNodesAreMerged: the newest first, and no entry before one that a node has
// not told yet.
func TestAuditsOfNodesAreMerged(t *testing.T) {
	page := func(node, next string, seconds ...int64) *auditPage {
		p := &auditPage{node: node, next: next}
		for _, s := range seconds {
			p.entries = append(p.entries, &pb.AuditEntry{
				NodeId: node, Position: fmt.Sprint("at ", s), Time: timestamppb.New(time.Unix(s, 0)),
			})
		}
		return p
	}
	for name, want := range map[string]struct {
		pages  []*auditPage
		merged string
		next   cursors
	}{
		"all of both":      {[]*auditPage{page("a", "", 5, 2), page("b", "", 4, 3)}, "a5 b4 b3 a2", cursors{}},
		"more than a page": {[]*auditPage{page("a", "", 9, 8, 7, 6, 5), page("b", "", 4)}, "a9 a8 a7 a6", cursors{"a": "at 6", "b": ""}},
		"one has more":     {[]*auditPage{page("a", "on", 5), page("b", "", 6, 4, 3)}, "b6 a5", cursors{"a": "on", "b": "at 6"}},
		"one looks on":     {[]*auditPage{page("a", "on"), page("b", "", 6)}, "", cursors{"a": "on", "b": ""}},
		"nothing":          {[]*auditPage{page("a", ""), page("b", "")}, "", cursors{}},
	} {
		merged, next := mergeAudits(want.pages, 4)
		got := ""
		for i, e := range merged {
			if i > 0 {
				got += " "
			}
			got += fmt.Sprint(e.GetNodeId(), e.GetTime().GetSeconds())
		}
		if got != want.merged || fmt.Sprint(next) != fmt.Sprint(want.next) {
			t.Errorf("%s: got %s and %v, want %s and %v", name, got, next, want.merged, want.next)
		}
		if len(next) == 0 {
			continue
		}
		if again, err := parseCursors(next.token()); err != nil || fmt.Sprint(again) != fmt.Sprint(next) {
			t.Errorf("%s: the token: %v, %v", name, again, err)
		}
	}
}
