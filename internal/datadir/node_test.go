package datadir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestANodeKeepsItsID, also one that was written by hand, and a flipped bit is no other
// name.
func TestANodeKeepsItsID(t *testing.T) {
	d, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, wanted := range []string{"first", "", "first"} {
		if id, err := d.Node(wanted, "127.0.0.1:1"); err != nil || id != "first" {
			t.Errorf("got %q, %v", id, err)
		}
	}
	if _, err := d.Node("second", ""); err == nil || !strings.Contains(err.Error(), `"first"`) {
		t.Errorf("another name: %v", err)
	}
	file := filepath.Join(d.path, nodeName)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for bit := range len(text) * 8 {
		flipped := []byte(string(text))
		flipped[bit/8] ^= 1 << (bit % 8)
		if err := os.WriteFile(file, flipped, 0o600); err != nil {
			t.Fatal(err)
		}
		if id, err := d.Node("", "other"); id != "first" && (err == nil || !strings.Contains(err.Error(), file)) {
			t.Errorf("%q is read as %q, %v", flipped, id, err)
		}
	}
	if err := os.WriteFile(file, []byte("by hand\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if id, err := d.Node("", "other"); err != nil || id != "by hand" {
		t.Errorf("got %q, %v", id, err)
	}
}
