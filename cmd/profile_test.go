package cmd

import (
	"io"
	"os"
	"regexp"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/plugintest"
)

// TestFilesOfTheDocs: the configuration files that a page shows are ones.
func TestFilesOfTheDocs(t *testing.T) {
	text, err := os.ReadFile(plugintest.Path(t, "docs", "operations.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?ms)^```toml\n(.*?)^```$").FindAllSubmatch(text, -1)
	profiles := 0
	for _, block := range blocks {
		name := writeFile(t, string(block[1]))
		if _, err := parse("--config", name); err != nil {
			t.Errorf("%v in\n%s", err, block[1])
		}
		file, err := parseFile(name, block[1])
		if err != nil {
			t.Fatal(err)
		}
		for profile := range file.profiles {
			profiles++
			parser := newParser(&output{stdout: io.Discard, stderr: io.Discard})
			if _, err := parser.Parse([]string{"--config", name, "--profile", profile, "node"}); err != nil {
				t.Error(err)
			}
		}
	}
	if len(blocks) < 2 || profiles < 2 {
		t.Errorf("found %d files with %d profiles", len(blocks), profiles)
	}
}
