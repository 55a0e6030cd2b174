package dev

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestSources(t *testing.T) {
	folder := t.TempDir()
	put := func(name, content string) {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := newSources(folder, []string{"libx.so", "x.dll"})
	if s.look() {
		t.Error("an empty folder has changed")
	}
	for _, step := range []struct {
		name    string
		do      func()
		changed bool
	}{
		{"a file", func() { put("plugin.c", "1") }, true},
		{"nothing", func() {}, false},
		{"other contents", func() { put("plugin.c", "22") }, true},
		{"the same contents, later", func() {
			if err := os.Chtimes(filepath.Join(folder, "plugin.c"), time.Time{}, time.Now().Add(time.Hour)); err != nil {
				t.Fatal(err)
			}
		}, false},
		{"what builds make", func() {
			for _, name := range []string{"libx.so", "libx.h", "x.h", "x.wasm", "a.o", "target/x.rs", "node_modules/x.js", ".git/x", "Cargo.lock", "a~", ".a.swp"} {
				put(name, "x")
			}
		}, false},
		{"a file below", func() { put("src/lib.rs", "x") }, true},
		{"a file less", func() {
			if err := os.Remove(filepath.Join(folder, "src", "lib.rs")); err != nil {
				t.Fatal(err)
			}
		}, true},
	} {
		if step.do(); s.look() != step.changed {
			t.Errorf("%s: changed is not %t", step.name, step.changed)
		}
	}
}

func TestTheNewestLibraryIsTheOneThatWasBuilt(t *testing.T) {
	folder := t.TempDir()
	m := manifest{Library: []string{"a.so", "b.dylib", "c.dll"}}
	if _, err := m.built(folder); err == nil {
		t.Error("there is none")
	}
	for i, name := range []string{"b.dylib", "a.so"} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, time.Time{}, time.Unix(int64(i+1), 0)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := m.built(folder); err != nil || filepath.Base(got) != "a.so" {
		t.Errorf("got %s, %v", got, err)
	}
}
