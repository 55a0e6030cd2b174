package nats

import (
	"encoding/base64"
	"strings"
)

// names are those of streams, and what their subjects begin with.
type names struct {
	prefix  string // of all subjects
	results string // stream
	outcome string // subject of an outcome, without the id
	queue   string // stream
	task    string // subject of a log, without the node where there are several
	nodes   string // stream
	node    string // subject of a node's entry, without the node
}

// alone are those of a server that no other node uses.
var alone = names{results: "results", outcome: "r.", queue: "queue", task: "q"}

// shared returns those on servers that may have streams of others too.
func shared(prefix string) names {
	dot := prefix + "."
	return names{
		prefix:  dot,
		results: prefix + "_results", outcome: dot + "r.",
		queue: prefix + "_queue", task: dot + "q.",
		nodes: prefix + "_nodes", node: dot + "nodes.",
	}
}

// encode makes a word of a subject of any text.
func encode(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }

// taskOf returns the subject of a node's log. Its id may be of any characters.
func (n *names) taskOf(node string) string {
	return n.task + encode(node)
}

// outcomeOf returns the subject of a task's outcome. A subject's words are of
// few characters, and an id is of any: one that has others is encoded.
func (n *names) outcomeOf(id string) string {
	if plain(id) {
		return n.outcome + "p" + id
	}
	return n.outcome + "b" + encode(id)
}

// plain reports whether an id can stand in a subject as it is.
func plain(id string) bool {
	return strings.IndexFunc(id, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' && r != ':'
	}) < 0
}
