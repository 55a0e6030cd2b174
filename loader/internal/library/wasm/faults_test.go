package wasm_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/wasm"
	"github.com/taskscheduler/taskscheduler/loader/internal/loadertest"
	"github.com/taskscheduler/taskscheduler/task"
)

// testFaults calls tasks that go wrong. After each of them the plugin still
// works, in a new instance where the old one was broken.
func testFaults(t *testing.T, p *loadertest.Plugin) {
	t.Helper()
	wantFailure := func(t *testing.T, got loadertest.Result, text string) {
		t.Helper()
		message, _ := got.Value.Str()
		if got.Status != library.Failed || !strings.Contains(message, text) || strings.Contains(message, "\n") {
			t.Errorf("got status %d, %q, want FAILED with %q", got.Status, message, text)
		}
	}
	wantCount := func(t *testing.T, want int64) {
		t.Helper()
		if got, _ := p.Do(t, "count").Value.Int64(); got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
	for name, message := range map[string]string{
		"exit":   "the module exited with code 3",
		"memory": "wasm error: unreachable", // which is how Go ends when it has no memory
	} {
		t.Run(name, func(t *testing.T) {
			wantFailure(t, p.Do(t, name), message)
			wantCount(t, 1)
		})
	}
	t.Run("panic", func(t *testing.T) {
		p.Do(t, "count")
		wantFailure(t, p.Do(t, "panic"), "panic: on purpose")
		if got, _ := p.Do(t, "count").Value.Int64(); got < 2 {
			t.Error("a panic that the module recovered from broke the instance")
		}
	})
	for _, name := range []string{"loop", "recurse"} {
		t.Run(name, func(t *testing.T) {
			r := p.Start(t, name, nil)
			<-p.Said.ProgressOf(r.ID)
			p.Cancel(r.ID)
			if got := r.Wait(t); got.Status != library.Cancelled {
				t.Errorf("got status %d, want CANCELLED", got.Status)
			}
			wantCount(t, 1)
		})
	}
	t.Run("print", func(t *testing.T) {
		r := p.Start(t, "print", nil)
		r.Wait(t)
		want := []loadertest.Line{
			{Call: r.ID, Level: slog.LevelInfo, Text: "to stdout"},
			{Call: r.ID, Level: slog.LevelWarn, Text: "to stderr"},
			{Call: r.ID, Level: slog.LevelWarn, Text: "in two lines"},
		}
		if got := p.Said.Lines(r.ID); !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
	})
	t.Run("open", func(t *testing.T) {
		if got, _ := p.Do(t, "open").Value.Str(); got != "true 0 0" {
			t.Errorf("a file, or the environment, is not out of reach: %s", got)
		}
	})
	t.Run("pending", func(t *testing.T) {
		wantFailure(t, p.Do(t, "pending"), "without having called finish")
	})
	t.Run("lie", func(t *testing.T) {
		const elsewhere = "it points to memory that the plugin does not have"
		for _, test := range []struct {
			kind         uint32
			payload, n   uint64
			want         string
			outputAtOnly []task.Value
		}{
			{8, 0xffff_fff0, 100, elsewhere, nil},
			{8, 0, 1, elsewhere, nil},
			{9, 64, 1 << 40, "it takes more than", nil},
			{9, 64, 1<<32 - 64, "it takes more than", nil},
			{10, 1 << 16, 1<<63 + 1, "it takes more than", nil},
			{10, 0xffff_ffff, 1, elsewhere, nil},
			{11, 0xffff_fff8, 1, elsewhere, nil},
			{99, 0, 0, "kind 99", nil},
			{0, 0, 0, elsewhere, []task.Value{task.Uint64(0xffff_fff8)}},
		} {
			args := append([]task.Value{task.Uint32(test.kind), task.Uint64(test.payload), task.Uint64(test.n)}, test.outputAtOnly...)
			wantFailure(t, p.Do(t, "lie", args...), test.want)
		}
	})
}

// empty is the shortest module.
const empty = "\x00asm\x01\x00\x00\x00"

func TestOpenRefuses(t *testing.T) {
	tests := []struct{ name, content, want string }{
		{"nothing", "", "the file is empty"},
		{"text", "#!/bin/sh", "it is a script, and not a WebAssembly module"},
		{"half a module", empty + "\x01\x05\x01\x60", "it is cut off or damaged: build or copy it again"},
		{"an empty module", empty, "the module exports no function tp_"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "plugin.wasm")
			if err := os.WriteFile(path, []byte(test.content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := wasm.Open(path, &loadertest.Services{})
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
	if _, err := wasm.Open(filepath.Join(t.TempDir(), "none.wasm"), &loadertest.Services{}); !os.IsNotExist(err) {
		t.Errorf("got %v for a file that is not there", err)
	}
}
