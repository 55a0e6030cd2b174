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
		if !ours || slices.Contains(known, name) || linked.MatchString(setting) {
			continue
		}
		hint := "see the $NAMEs in " + parser.Model.Name + " --help"
		if near := nearest(name, known); near != "" {
			hint = "did you mean " + near + "?"
		}
		fmt.Fprintf(w, "%s: warning: the variable %s is no setting: %s\n", parser.Model.Name, table.ID(name), hint)
	}
}

// variables are those that set a flag of a command or of one below it.
func variables(command *kong.Node) []string {
	var names []string
	for _, flag := range command.Flags {
		names = append(names, flag.Envs...)
	}
	for _, child := range command.Children {
		names = append(names, variables(child)...)
	}
	return names
}

// nearest returns the word that is spelled most like one that isn't there, or "":
// what differs in more than a third of the letters is another word.
func nearest(word string, known []string) string {
	near, least := "", max(2, len(strings.TrimPrefix(word, environmentPrefix))/3)+1
	for _, other := range known {
		if d := levenshtein.ComputeDistance(word, other); d < least || d == least && near > other {
			near, least = other, d
		}
	}
	return near
}
