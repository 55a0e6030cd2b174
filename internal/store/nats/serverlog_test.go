package nats_test

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/store/nats"
)

// A server that was killed leaves an index that is behind its messages: that is put
// right at the next start, and no reason to warn.
func TestIndexAfterAKill(t *testing.T) {
	left := config(t.TempDir(), false)
	use := func(config nats.Config, then func()) {
		engine, err := nats.Open(t.Context(), config)
		if err != nil {
			t.Fatal(err)
		}
		defer engine.Close()
		if _, err := engine.Log().Append([]byte("task")); err != nil {
			t.Fatal(err)
		}
		then()
	}
	use(left, func() {}) // when it is closed it writes the index
	killed := config(filepath.Join(t.TempDir(), "killed"), false)
	use(left, func() {
		if err := os.CopyFS(killed.Dir, os.DirFS(left.Dir)); err != nil {
			t.Fatal(err)
		}
	})
	var printed bytes.Buffer
	killed.Logger = slog.New(slog.NewTextHandler(&printed, nil))
	use(killed, func() {})
	if text := printed.String(); strings.Count(text, "was not closed") != 1 || strings.Contains(text, "WARN") {
		t.Errorf("after a kill it says:\n%s", text)
	}
}
