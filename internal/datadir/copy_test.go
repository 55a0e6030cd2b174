package datadir

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCopy(t *testing.T) {
	path := t.TempDir()
	d, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := os.MkdirAll(filepath.Join(d.Engine(), "a"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(d.Engine(), "a", "b"), []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{path, d.Engine(), filepath.Join(d.Engine(), "a", "copy"), filepath.Join(path, "copy")} {
		if err := d.Copy(to); err == nil || !strings.Contains(err.Error(), "is within") {
			t.Errorf("to %s: %v", to, err)
		}
	}
	to := filepath.Join(t.TempDir(), "..copy")
	if err := d.Copy(to); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(to, engineName, "a", "b")); err != nil || string(text) != "text" {
		t.Errorf("%q, %v", text, err)
	}
	if err := Check(to); err != nil {
		t.Error(err)
	}
	if err := d.Copy(to); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("once more: %v", err)
	}
}
