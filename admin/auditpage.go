package admin

import (
	"encoding/base64"
	"encoding/json"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/task"
)

var errPageToken = task.Errorf(task.InvalidArgument, "page_token does not come from an answer of this server: leave it out to begin at the first page")

// An auditPage is what a node has of its audit, the newest first: before from, and the
// next page begins at next. Either may be "": the newest, and no other.
type auditPage struct {
	node, from string
	entries    []*pb.AuditEntry
	next       string
}

// mergeAudits puts the pages of all nodes together, the newest first and each node's in
// the order that it has them in, and tells where to go on.
func mergeAudits(pages []*auditPage, limit int) (merged []*pb.AuditEntry, next cursors) {
	for len(merged) < limit {
		newest := newestOf(pages)
		if newest == nil {
			break
		}
		merged = append(merged, newest.entries[0])
		newest.from, newest.entries = newest.entries[0].GetPosition(), newest.entries[1:]
	}
	next = make(cursors)
	for _, p := range pages {
		switch {
		case len(p.entries) > 0:
			next[p.node] = p.from
		case p.next != "":
			next[p.node] = p.next
		}
	}
	return merged, next
}

// newestOf returns the page whose first entry comes next; nil when there is none, or one
// has no entry left but says that there are others, which may come before.
func newestOf(pages []*auditPage) (newest *auditPage) {
	for _, p := range pages {
		switch {
		case len(p.entries) == 0 && p.next != "":
			return nil
		case len(p.entries) == 0:
		case newest == nil || p.entries[0].GetTime().AsTime().After(newest.entries[0].GetTime().AsTime()):
			newest = p
		}
	}
	return newest
}

// cursors say where to continue on each node that has more; nil: at the newest of all.
type cursors map[string]string

// of returns a node's, unless it has no more.
func (c cursors) of(node string) (from string, more bool) {
	if c == nil {
		return "", true
	}
	from, more = c[node]
	return from, more
}

func (c cursors) token() string {
	text, _ := json.Marshal(c) //nolint:errchkjson // strings always can be
	return base64.RawURLEncoding.EncodeToString(text)
}

// parseCursors is the reverse of token; no token is nil.
func parseCursors(token string) (c cursors, err error) {
	if token == "" {
		return nil, nil //nolint:nilnil // an empty token asks for the first page
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || json.Unmarshal(text, &c) != nil || len(c) == 0 {
		return nil, errPageToken
	}
	return c, nil
}
