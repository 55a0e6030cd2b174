//go:build partition

package faulttest

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestTrioFailsByAFlippedBit flips a bit in each kind of file that one of three nodes
// has, one after the other, while it is down. Either it does not start and names the
// file, or the others mend it: what is told and kept is right in any case. Without its copy
// it gets all from the others, and one of them isn't needed any more.
func TestTrioFailsByAFlippedBit(t *testing.T) {
	c := newTrio(t)
	c.start(t)
	l := newLoad(c...)
	l.under(t, func() { l.await(t, 200) })
	bad := c[1]
	bad.kill()
	healed, refused := 0, 0
	for kind := range bad.kinds(t) {
		file := bad.kinds(t)[kind]
		if file == "" { // as an index that is made anew
			continue
		}
		before := flip(t, file)
		err := bad.start(t)
		switch {
		case err == nil:
			t.Logf("%s: it starts", kind)
			healed++
			l.under(t, func() { l.await(t, 20) })
			c.settle(t)
			l.look(t)
			bad.kill()
			continue
		case strings.Contains(err.Error(), strings.TrimSuffix(filepath.Base(file), ".sum")): // what a checksum is of is named
			t.Logf("%s: %v", kind, err)
			refused++
		default:
			t.Errorf("%s: %v", kind, err)
		}
		if err := os.WriteFile(file, before, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if healed < 5 || refused < 5 {
		t.Errorf("%d were mended, %d refused", healed, refused)
	}
	if err := os.Rename(filepath.Join(bad.data, "cluster"), filepath.Join(bad.data, "damaged")); err != nil {
		t.Fatal(err)
	}
	bad.mustStart(t) // and gets all from the others
	c.settle(t)
	c[0].kill()
	l.look(t)
	c[0].mustStart(t)
	c.settle(t)
	c.settled(t, l)
}

// Names that tell nothing of what a file is for: numbers and random words.
var anyName = regexp.MustCompile(`[0-9]+|C-R3F-\w+|S-R3F-\w+`)

// kinds returns one of each kind of the files that a node has.
func (n *node) kinds(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string][]string)
	err := filepath.WalkDir(n.data, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		about, err := d.Info()
		if err != nil || about.Size() == 0 {
			return err
		}
		kind := anyName.ReplaceAllString(strings.TrimPrefix(name, n.data), "*")
		all[kind] = append(all[kind], name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	one := make(map[string]string)
	for kind, files := range all {
		one[kind] = files[rand.IntN(len(files))]
	}
	return one
}

// flip flips a bit of a file, and returns what it was.
func flip(t *testing.T, file string) (before []byte) {
	t.Helper()
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	after := slices.Clone(before)
	after[rand.IntN(len(after))] ^= 1 << rand.IntN(8)
	if err := os.WriteFile(file, after, 0o600); err != nil {
		t.Fatal(err)
	}
	return before
}
