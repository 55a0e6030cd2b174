package nats_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/store/nats"
)

// TestDamageOfWhatServersHaveAgreedOn is found, in the middle of each log, in each
// snapshot and in how many servers there are.
func TestDamageOfWhatServersHaveAgreedOn(t *testing.T) {
	all := trio(t)
	engines := openAll(t, all)
	for i := range 100 {
		if _, err := engines[0].Claims().Claim(t.Context(), fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	found := make(map[string]int)
	for _, c := range all {
		dir := filepath.Join(t.TempDir(), "copy")
		for os.CopyFS(dir, os.DirFS(c.Dir)) != nil { // a file was replaced; a server that stops leaves its log empty
			if err := os.RemoveAll(dir); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := nats.CheckCopy(dir); err != nil {
			t.Fatal(err)
		}
		for _, kind := range []string{"msgs/1.blk", "snapshots/snap.*", "peers.idx"} {
			files, err := filepath.Glob(filepath.Join(dir, "jetstream/$SYS/_js_/*", kind))
			if err != nil {
				t.Fatal(err)
			}
			for _, file := range files {
				if damaged(t, dir, file) {
					found[kind]++
				}
			}
		}
	}
	if len(found) != 3 {
		t.Errorf("there was nothing to damage of some kind: %v", found)
	}
}

// damaged damages a file and repairs it; false: it is too small to.
func damaged(t *testing.T, dir, file string) bool {
	t.Helper()
	whole, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	const record, body = 60, 24 // where the first one ends at the least, and has its body
	other := slices.Clone(whole)
	switch {
	case strings.HasSuffix(file, ".blk") && len(whole) < 4*record:
		return false
	case filepath.Base(file) == "peers.idx":
		other[0] = 1
	default:
		other[body] ^= 1
	}
	if err := os.WriteFile(file, other, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = nats.CheckCopy(dir)
	if damage, ok := errors.AsType[*nats.DamageError](err); !ok || damage.File != file {
		t.Errorf("%s of %d bytes: %v", file, len(whole), err)
	}
	if err := os.WriteFile(file, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	return true
}
