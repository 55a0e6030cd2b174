package cmd

import (
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

const environmentPrefix = "TASK_SCHEDULER_"

// linked are the variables that Kubernetes and Docker make for a service that
// is called task-scheduler: they are nobody's spelling.
var linked = regexp.MustCompile(`^(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_\d+_(TCP|UDP|SCTP)(_.*)?)?)$`)

// warnOfVariables tells of variables that look like settings and are none: a
// typing error must not pass as one.
func warnOfVariables(w io.Writer, parser *kong.Kong) {
	known := variables(parser.Model.Node)
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		setting, ours := strings.CutPrefix(name, environmentPrefix)
		if !ours || slices.Contains(known, setting) || linked.MatchString(setting) {
			continue
		}
		hint := "see the $NAMEs in " + parser.Model.Name + " --help"
		if near := nearest(setting, known); len(near) > 0 {
			hint = "did you mean " + environmentPrefix + strings.Join(near, " or "+environmentPrefix) + "?"
		}
		fmt.Fprintf(w, "%s: warning: the variable %s is no setting: %s\n", parser.Model.Name, table.ID(name), hint)
	}
}

// variables are those that set a flag of a command or of one below it, without
// what all of them begin with.
func variables(command *kong.Node) []string {
	var names []string
	for _, flag := range command.Flags {
		for _, name := range flag.Envs {
			if setting, ours := strings.CutPrefix(name, environmentPrefix); ours {
				names = append(names, setting)
			}
		}
	}
	for _, child := range command.Children {
		names = append(names, variables(child)...)
	}
	return names
}

// nearest returns the words, three at most, that are spelled or begin most like one
// that isn't there: what differs in more than a third of the letters is another word.
func nearest(word string, known []string) []string {
	var near []string
	least := max(2, len(word)/3)
	for _, other := range known {
		d := levenshtein.ComputeDistance(word, other)
		for i, letter := range other {
			if letter == '_' || letter == '-' {
				d = min(d, levenshtein.ComputeDistance(word, other[:i]))
			}
		}
		if d < least {
			near, least = nil, d
		}
		if d == least {
			near = append(near, other)
		}
	}
	slices.Sort(near)
	near = slices.Compact(near) // commands share settings
	return near[:min(len(near), 3)]
}
