package task

import (
	"cmp"
	"slices"
	"strings"
)

// NotFound returns the error for a name that r has no task of. Its code is
// [NotFound]; it quotes only the beginning of a name that is too long, and names
// the tasks that are spelled most like it.
func (r *Registry) NotFound(name string) *Error {
	err := Errorf(NotFound, "Method not found: %.*s", MaxNameLength, name)
	if near := r.nearest(name); len(near) > 0 {
		err.Message += " (nearest: " + strings.Join(near, ", ") + ")"
	}
	return err
}

const (
	// mostNear is how many names an error names.
	mostNear = 3
	// window is how many names before and behind a misspelt one are looked at. Their
	// number and longestCompared bound what a misspelt name can cost.
	window          = 64
	longestCompared = 64
)

// nearest returns the names that are most like one that is not there: those of
// plugins' tasks that lack the plugin's name alone, those that differ in case, and
// among its neighbours in the alphabet those that differ in a few letters.
func (r *Registry) nearest(name string) []string {
	if r.snapshot.Load() == nil || name == "" || len(name) > longestCompared {
		return nil
	}
	names := r.snapshot.Load().names
	type neighbour struct {
		name     string
		distance int
	}
	var found []neighbour
	for _, other := range names {
		plugin, cut := strings.CutSuffix(other, name)
		if cut && strings.HasSuffix(plugin, "::") || len(other) == len(name) && strings.EqualFold(other, name) {
			found = append(found, neighbour{other, 0})
		}
	}
	most := 1 + min(len(name)/4, 2)
	at, _ := slices.BinarySearch(names, name)
	for _, other := range names[max(at-window, 0):min(at+window, len(names))] {
		isOther := func(n neighbour) bool { return n.name == other }
		if d := distance(name, other, most); d <= most && !slices.ContainsFunc(found, isOther) {
			found = append(found, neighbour{other, d})
		}
	}
	slices.SortFunc(found, func(a, b neighbour) int {
		return cmp.Or(a.distance-b.distance, strings.Compare(a.name, b.name))
	})
	found = found[:min(len(found), mostNear)]
	near := make([]string, len(found))
	for i := range found {
		near[i] = found[i].name
	}
	return near
}

// distance returns how many bytes of a must be added, taken away, replaced or
// swapped with their neighbour to make b; more than most where it is more than that.
func distance(a, b string, most int) int {
	if max(len(a)-len(b), len(b)-len(a)) > most {
		return most + 1
	}
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	var rows [3][longestCompared + 4]int // of a's beginnings: the last two and this one
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := range len(a) {
		this, last, before := &rows[(i+1)%3], &rows[i%3], &rows[(i+2)%3]
		this[0] = i + 1
		least := this[0]
		for j := range len(b) {
			replaced := last[j]
			if a[i] != b[j] {
				replaced++
			}
			this[j+1] = min(replaced, last[j+1]+1, this[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				this[j+1] = min(this[j+1], before[j-1]+1)
			}
			least = min(least, this[j+1])
		}
		if least > most {
			return most + 1
		}
	}
	return rows[len(a)%3][len(b)]
}
