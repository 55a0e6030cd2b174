package cmd

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// A release may set these by -ldflags "-X
// github.com/taskscheduler/taskscheduler/cmd.version=v1.2.3"; else they are
// what the Go toolchain recorded.
var version, commit string //nolint:gochecknoglobals // the linker needs a variable

// programVersion returns the version alone.
func programVersion() string {
	v := version
	if info, ok := debug.ReadBuildInfo(); ok {
		v = cmp.Or(v, info.Main.Version)
	}
	return cmp.Or(v, "(unknown)")
}

// programDate returns the day of the commit, or "" when nothing was recorded.
func programDate() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.time" {
				day, _, _ := strings.Cut(s.Value, "T")
				return day
			}
		}
	}
	return ""
}

// versionText is all that "version" prints.
func versionText(program string) string {
	c := commit
	if info, ok := debug.ReadBuildInfo(); ok {
		c = cmp.Or(c, recordedCommit(info.Settings))
	}
	return fmt.Sprintf("%s %s\ncommit %s\n%s %s/%s\n",
		program, programVersion(), cmp.Or(c, "(unknown)"), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

func recordedCommit(settings []debug.BuildSetting) (revision string) {
	modified := false
	for _, s := range settings {
		switch s.Key {
		case "vcs.revision":
			revision = s.Value
		case "vcs.modified":
			modified, _ = strconv.ParseBool(s.Value) // it is "true" or "false"
		}
	}
	if revision != "" && modified {
		revision += " (with changes)"
	}
	return revision
}

type versionCommand struct{}

// Help shows an example.
func (versionCommand) Help() string { return "Example:\n\n    task-scheduler version" }

// Run prints the version.
func (versionCommand) Run(parser *kong.Kong, out *output) error {
	_, err := fmt.Fprint(out.stdout, versionText(parser.Model.Name))
	return err
}

type versionFlag bool

// BeforeReset prints the version in place of all else.
func (versionFlag) BeforeReset(parser *kong.Kong) error {
	fmt.Fprint(parser.Stdout, versionText(parser.Model.Name))
	parser.Exit(0)
	return nil
}
