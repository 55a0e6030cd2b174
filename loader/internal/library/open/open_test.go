package open_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/loader/internal/child"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/open"
	"github.com/taskscheduler/taskscheduler/loader/internal/process"
)

func TestMain(m *testing.M) {
	child.Main(open.File)
	goleak.VerifyTestMain(m)
}

// TestFilesThatAreNoPlugins makes sure that each file gets to whom its ending
// is for; what becomes of plugins is tested there.
func TestFilesThatAreNoPlugins(t *testing.T) {
	folder := t.TempDir()
	for name, want := range map[string]string{
		"libtext.so": "not a dynamic library", "text.wasm": "not a WebAssembly module", "TEXT.WASM": "not a WebAssembly module",
	} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte("this is not a plugin"), 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := process.Start(t.Context(), process.Config{
			Name: "text", Path: path, TempDir: t.TempDir(), Logger: slog.New(slog.DiscardHandler),
		})
		if err == nil {
			p.Close(context.Background())
			t.Fatalf("%s was loaded", name)
		}
		if !strings.HasPrefix(err.Error(), "plugin text: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %s", name, err, want)
		}
	}
}
