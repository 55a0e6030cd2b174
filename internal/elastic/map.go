// Package elastic has containers that give their memory back when they have
// been large and are so no more. Go's own maps and slices keep the memory of
// the most that they ever held. None is safe for concurrent use; the zero value
// of each is empty and ready.
package elastic

import (
	"iter"
	"maps"
)

// shrinkFrom is the size from which it is worth while to give memory back.
const shrinkFrom = 1024

// A Map is a map that is made anew when it is emptied after it was large.
type Map[K comparable, V any] struct {
	entries map[K]V
	peak    int // the most entries since entries was made
}

// Get returns the value of a key; ok is false if it has none.
func (m *Map[K, V]) Get(key K) (value V, ok bool) {
	value, ok = m.entries[key]
	return value, ok
}

// Set gives a key its value.
func (m *Map[K, V]) Set(key K, value V) {
	if m.entries == nil {
		m.entries = make(map[K]V)
	}
	m.entries[key] = value
	m.peak = max(m.peak, len(m.entries))
}

// Delete takes a key out, if it is in.
func (m *Map[K, V]) Delete(key K) {
	delete(m.entries, key)
	if len(m.entries) == 0 && m.peak >= shrinkFrom {
		m.entries, m.peak = nil, 0
	}
}

// Len returns how many keys there are.
func (m *Map[K, V]) Len() int { return len(m.entries) }

// Values returns all values, in no order.
func (m *Map[K, V]) Values() iter.Seq[V] { return maps.Values(m.entries) }
