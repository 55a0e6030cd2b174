package prompt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHistoryIsKept(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "new", "history")
	h := openHistoryFile(name)
	for _, line := range []string{"list", "  ", "plugins", "plugins", "list"} {
		h.Add(line)
	}
	_ = h.file.Close()
	info, err := os.Stat(name)
	if err != nil || os.PathSeparator == '/' && info.Mode().Perm() != 0o600 {
		t.Fatalf("got %v, %v, want a file that is the user's alone", info, err)
	}
	h = openHistoryFile(name)
	if h.Len() != 3 || h.At(0) != "list" || h.At(1) != "plugins" || h.At(2) != "list" {
		t.Errorf("got %q", h.lines)
	}
	for range maxHistoryFile / 100 {
		h.Add(strings.Repeat("x", 99))
		h.Add(strings.Repeat("y", 99))
	}
	_ = h.file.Close()
	h = openHistoryFile(name)
	if h.Len() != keptLines || h.At(0)[0] != 'y' {
		t.Errorf("got %d lines, want %d", h.Len(), keptLines)
	}
	_ = h.file.Close()
	if info, err := os.Stat(name); err != nil || info.Size() != keptLines*100 {
		t.Errorf("the file was not shortened: %v, %v", info, err)
	}
}

func TestHistoryWithoutAFile(t *testing.T) {
	t.Parallel()
	occupied := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(occupied, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	h := openHistoryFile(filepath.Join(occupied, "history"))
	h.Add("list")
	if h.Len() != 1 || h.At(0) != "list" {
		t.Errorf("got %q", h.lines)
	}
}
