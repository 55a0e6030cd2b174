package cmd

import (
	"runtime/debug"
	"testing"
)

func TestRecordedCommit(t *testing.T) {
	t.Parallel()
	revision := debug.BuildSetting{Key: "vcs.revision", Value: "abc"}
	for _, test := range []struct {
		settings []debug.BuildSetting
		want     string
	}{
		{nil, ""},
		{[]debug.BuildSetting{revision}, "abc"},
		{[]debug.BuildSetting{revision, {Key: "vcs.modified", Value: "false"}}, "abc"},
		{[]debug.BuildSetting{revision, {Key: "vcs.modified", Value: "true"}}, "abc (with changes)"},
		{[]debug.BuildSetting{{Key: "vcs.modified", Value: "true"}}, ""},
	} {
		if got := recordedCommit(test.settings); got != test.want {
			t.Errorf("%v: %q, want %q", test.settings, got, test.want)
		}
	}
}
