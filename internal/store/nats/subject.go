package nats

import "strings"

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
