package native_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/loader/internal/library/native"
	"github.com/taskscheduler/taskscheduler/loader/internal/loadertest"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestOpenRefuses(t *testing.T) {
	for name, want := range map[string]string{
		"init_null":       "init_plugin returned null: the plugin refuses to be loaded",
		"no_init":         "the library exports no function init_plugin",
		"wrong_abi":       "the plugin is built for version 2 of the ABI, this host speaks version 1: build it",
		"small_table":     "the plugin's table: it says that it has 16 bytes, version 1 of the ABI has 40 at least",
		"small_entries":   "task 1: its entry: it says that it has 16 bytes, version 1 of the ABI has 24 at least",
		"predecessor":     "the plugin was not built with task_plugin.h",
		"wild_pointer":    "the plugin was not built with task_plugin.h",
		"returns_one":     "the plugin was not built with task_plugin.h",
		"wild_tasks":      "task 1: its entry: it lies outside of the plugin's memory",
		"wild_doc":        "task 1: ok's doc: it lies outside of the plugin's memory",
		"bad_signature":   `task 1: ok's signature: byte 12: "b" is not a type`,
		"duplicate_names": `task 2: the plugin has two tasks named "ok"`,
		"null_name":       "task 1: it has no name",
		"empty_name":      "task 1: its name is empty",
		"bad_name":        `task 1: its name "no spaces" is not of the form`,
		"long_name":       "task 1: its name has more than 128 bytes",
		"null_run":        "task 1: hollow has no function",
		"bad_flags":       "task 1: ok has flags 0x6",
		"many_tasks":      "the plugin offers 1152921504606846976 tasks, more than 4096",
		"null_tasks":      "task 1: its entry: it lies outside of the plugin's memory",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := native.Open(plugintest.Fault(t, name), &loadertest.Services{})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		})
	}
	_, err := native.Open(plugintest.Path(t, "abi", "task_plugin.h"), &loadertest.Services{})
	if err == nil || !strings.Contains(err.Error(), "it is a text") {
		t.Errorf("got %v for a file that is not a library", err)
	}
}

// TestLies makes sure that outputs that the ABI does not allow are refused,
// apart from addresses that nobody has.
func TestLies(t *testing.T) {
	p := loadertest.Open(t, native.Open, plugintest.Fault(t, "lies"))
	for name, want := range map[string]string{
		"bad_utf8":        "a string that is not UTF-8",
		"bad_kind":        "kind 77, which the ABI does not have",
		"bad_status":      "status 42, which the ABI does not have",
		"bad_int32":       "1099511627776 is not a valid int32",
		"null_string":     "it points to memory that the plugin does not have",
		"gigabyte":        "it takes more than 67108864 bytes",
		"huge":            "it takes more than 67108864 bytes",
		"contains_itself": "more than 100 lists and maps inside each other",
		"too_deep":        "more than 100 lists and maps inside each other",
		"number_as_key":   "key 1: kind 2, want a string",
		"key_twice":       `key "key" is there twice`,
	} {
		t.Run(name, func(t *testing.T) {
			got := p.Do(t, name)
			if message, _ := got.Value.Str(); got.Status != library.Failed || !strings.Contains(message, want) {
				t.Errorf("got status %d, %q, want FAILED with %q", got.Status, message, want)
			}
		})
	}
}

// TestFinishCountsOnce calls tasks that go on calling finish, while others run.
func TestFinishCountsOnce(t *testing.T) {
	p := loadertest.Open(t, native.Open, plugintest.Fault(t, "finish"))
	for range 20 {
		if got := p.Do(t, "repeated"); got.Status != library.OK || got.Value.Kind() != task.KindString {
			t.Errorf("repeated: got status %d", got.Status)
		}
		if got, _ := p.Do(t, "late").Value.Str(); got != "returned" {
			t.Errorf("late: got %q", got)
		}
		if got := p.Do(t, "ok", task.Int32(7)); got.Status != library.OK {
			t.Errorf("ok: got status %d", got.Status)
		}
	}
}

// TestCloseEndsAsyncCalls calls a task that never finishes.
func TestCloseEndsAsyncCalls(t *testing.T) {
	opened, err := native.Open(plugintest.Fault(t, "endless"), &loadertest.Services{})
	if err != nil {
		t.Fatal(err)
	}
	index := slices.Index(opened.Describe().Tasks, library.TaskInfo{Name: "never_finish", Async: true})
	ended := make(chan library.Status, 1)
	opened.Call(&library.Call{ID: 1 << 40, Task: index, Attempt: 1}, func(status library.Status, _ task.Value) { ended <- status })
	if len(ended) > 0 {
		t.Fatalf("the call ended with status %d", <-ended)
	}
	opened.Close()
	if got := <-ended; got != library.Cancelled {
		t.Errorf("got status %d, want CANCELLED", got)
	}
}
