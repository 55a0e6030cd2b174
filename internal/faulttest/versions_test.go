//go:build partition

package faulttest

import (
	"strings"
	"testing"
)

// What nodes tell each other and keep together, with one field more than now, and the
// number of its format.
var newer = []change{
	{root + "/internal/queue/message.go", "AppendBytes(message, fieldTask, body)", `AppendBytes(message, fieldTask, tagged.AppendBytes(body, 99, "new"))`},
	{root + "/internal/queue/message.go", "AppendBytes(message, fieldAgain, body)", `AppendBytes(tagged.AppendNumber(message, 99, 1), fieldAgain, body)`},
	{root + "/internal/store/nats/outcome.go", "b = tagged.AppendNumber(b, outcomeState,", "b = tagged.AppendNumber(tagged.AppendBytes(b, 99, \"new\"), outcomeState,"},
	{root + "/internal/store/nats/outcome.go", "AppendNumber(b, claimEpoch, c.epoch)", `AppendNumber(tagged.AppendBytes(b, 99, "new"), claimEpoch, c.epoch)`},
	{root + "/internal/cluster/tunnel/frame.go", "b = tagged.AppendNumber(b, frameCall,", `b = tagged.AppendNumber(tagged.AppendBytes(b, 99, "new"), frameCall,`},
	{root + "/internal/cluster/tunnel/head.go", "b = tagged.AppendNumber(b, headLength,", `b = tagged.AppendNumber(tagged.AppendBytes(b, 99, "new"), headLength,`},
	{root + "/internal/store/nats/members/entry.go", `json:"nonce"`, `json:"nonce"` + "`; New map[string]int `" + `json:"new"`},
	{formatFile, "\tformat = 1\n", "\tformat = 2\n"},
}

const formatFile = root + "/internal/store/nats/members/format.go"

// TestTrioOfTwoVersions: nodes of two neighbouring versions work together while one
// after the other is upgraded, and back. A version that can't is refused by name, and
// the others go on.
func TestTrioOfTwoVersions(t *testing.T) {
	after := newVariant(t, "v999.1.0", newer...)
	far := newVariant(t, "v999.2.0", change{formatFile, "\tformat = 1\n", "\tformat = 3\n"}, change{formatFile, "\toldest = 1\n", "\toldest = 2\n"})
	c := newTrio(t)
	c.start(t)
	l := newLoad(c...)
	upgraded := []*node{c[1], c[2]}
	l.under(t, func() {
		for _, n := range upgraded {
			l.await(t, 100)
			n.restart(t, after)
			c.settle(t)
			l.await(t, 100)
		}
		upgraded[0].kill() // and another version takes over its tasks
		l.await(t, 100)
		upgraded[0].mustStart(t)
		c.settle(t)
	})
	l.look(t)
	l.under(t, func() {
		c[1].stop(t)
		c[1].program = far
		if err := c[1].start(t); err == nil || !strings.Contains(err.Error(), c[0].name(t)) || !strings.Contains(err.Error(), "format") {
			t.Errorf("a version of another format: %v", err)
		}
		l.await(t, 50)
		c[1].program = ""
		c[1].mustStart(t)
		c[2].restart(t, "")
		c.settle(t)
		l.await(t, 100)
	})
	l.look(t)
	c.settled(t, l)
}

// restart stops the process and starts another program in its place; none is this one.
func (n *node) restart(t *testing.T, program string) {
	t.Helper()
	if code := n.stop(t); code != 0 {
		t.Errorf("exit code %d: %s", code, n.said())
	}
	n.program = program
	n.mustStart(t)
}
