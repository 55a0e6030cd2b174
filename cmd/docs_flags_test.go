//go:build unix

package cmd_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// TestFlagsOfTheReadme holds the README's table of flags against serve --help:
// each is there, with the default that is shown.
func TestFlagsOfTheReadme(t *testing.T) {
	t.Parallel()
	d := &docsServer{dir: t.TempDir()}
	help, err := d.shell(t, "task-scheduler serve --help").Output()
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(plugintest.Path(t, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	words := strings.Fields(strings.ReplaceAll(string(help), `"`, ""))
	code := regexp.MustCompile("`([^`]+)`")
	rows := 0
	for line := range strings.Lines(string(readme)) {
		if !strings.HasPrefix(line, "| `--") {
			continue
		}
		rows++
		cells := strings.Split(line, "|")
		flags, defaults := code.FindAllStringSubmatch(cells[1], -1), code.FindAllStringSubmatch(cells[2], -1)
		for i, flag := range flags {
			if len(flag[1]) == len("-a") {
				continue
			}
			want := flag[1] + "="
			if i < len(defaults) {
				want += defaults[i][1]
			}
			if !slices.ContainsFunc(words, func(word string) bool {
				return word == want || i >= len(defaults) && strings.HasPrefix(word, want)
			}) {
				t.Errorf("%s is in the README and not in serve --help", want)
			}
		}
	}
	if rows < 10 {
		t.Errorf("found %d rows of flags in the README", rows)
	}
}
