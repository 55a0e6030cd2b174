package cmd

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/setting"
)

// connectionGroup is the help group of the flags that say how client commands
// reach a server. Like all of the server's flags they can be set by environment
// and configuration file; what a single call does is told by its flags alone.
const connectionGroup = "Connection:"

// notSet is the setting tag of a flag that is for one call.
const notSet = "-"

// nameEnvironment gives each flag that may be set once for all its environment
// variable: --max-wait has TASK_SCHEDULER_MAX_WAIT.
func nameEnvironment(parser *kong.Kong) error {
	name := func(flag *kong.Flag, setting string) {
		if setting == notSet {
			return
		}
		variable := environmentPrefix + strings.ToUpper(strings.ReplaceAll(setting, "-", "_"))
		flag.Envs = []string{variable}
		flag.Tag.Envs = flag.Envs
	}
	for _, flag := range parser.Model.Flags {
		if flag.Name == configFlag || flag.Name == profileFlag {
			name(flag, flag.Name)
		}
	}
	for _, command := range parser.Model.Children {
		for _, flag := range command.Flags {
			if command == parser.Model.DefaultCmd || isConnection(flag) {
				name(flag, settingOf(command, flag))
			}
		}
	}
	return nil
}

// isConnection tells whether a flag says how to reach a server.
func isConnection(flag *kong.Flag) bool {
	return flag.Group != nil && flag.Group.Key == connectionGroup
}

// settingOf returns what a command's flag is called where it is set once for
// all: by its name, unless its setting tag gives another. The server and its
// clients on one machine share environment and file, but not their
// certificates, and operators may have others than those who run tasks.
func settingOf(command *kong.Node, flag *kong.Flag) string {
	setting := flag.Tag.Get("setting")
	switch {
	case setting == "":
		return flag.Name
	case command.Name == "admin":
		return "admin-" + setting
	default:
		return setting
	}
}

// settingName is the key in the configuration file of a flag that has one, or "".
func settingName(flag *kong.Flag) string {
	if len(flag.Envs) == 0 {
		return ""
	}
	return strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(flag.Envs[0], environmentPrefix), "_", "-"))
}

// settings are keys and values of a configuration file.
type settings struct {
	file   string // and the part of it, for people
	values map[string]any
	// folder is what the names of files are relative to, if not the working directory.
	folder string
	// clients: the keys are of the commands that call a server alone.
	clients bool
}

// Validate refuses keys that set no flag: a typing error must not pass
// as a setting.
func (s *settings) Validate(app *kong.Application) error {
	known := map[string]bool{}
	for _, command := range app.Children {
		for _, flag := range command.Flags {
			if !s.clients || isConnection(flag) {
				known[settingName(flag)] = true
			}
		}
	}
	delete(known, "") // of flags that can't be set so
	var unknown []string
	for key := range s.values {
		if !known[key] {
			unknown = append(unknown, fmt.Sprintf("%q", key))
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	hint := "keys are spelled after the $NAMEs in --help, max-wait for $TASK_SCHEDULER_MAX_WAIT"
	if near := nearest(strings.Trim(unknown[0], `"`), slices.Collect(maps.Keys(known))); len(near) > 0 {
		hint = `did you mean "` + strings.Join(near, `" or "`) + `"?`
	}
	return fmt.Errorf("%s: unknown key %s: %s", s.file, strings.Join(unknown, ", "), hint)
}

// Resolve returns the file's value for a flag that the command line didn't
// set, or nil. The parser has read the environment before, and it comes first.
func (s *settings) Resolve(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	setting := settingName(flag)
	value, ok := s.values[setting]
	if !ok || setting == "" || slices.ContainsFunc(flag.Envs, isSet) {
		return nil, nil //nolint:nilnil // the parser's way to say "not here"
	}
	text, err := flagText(flag, value)
	if err == nil {
		err = check(flag, text)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.file, err)
	}
	name, isText := text.(string)
	if isText && name != "" && flag.PlaceHolder == "FILE" && s.folder != "" && !filepath.IsAbs(name) {
		return filepath.Join(s.folder, name), nil
	}
	return text, nil
}

func isSet(variable string) bool {
	_, ok := os.LookupEnv(variable)
	return ok
}

// flagText returns a TOML value as it would stand on the command line, or an
// error when its type is not the flag's. Booleans and lists stay what they are.
func flagText(flag *kong.Flag, value any) (any, error) {
	wants := "a quoted text"
	switch flag.Target.Interface().(type) {
	case bool:
		if truth, ok := value.(bool); ok {
			return truth, nil
		}
		return nil, mismatch("true or false", value)
	case []string, []pluginLimit:
		if items, ok := value.([]any); ok && !slices.ContainsFunc(items, isNotString) {
			return items, nil
		}
		return nil, mismatch("a list of quoted texts", value)
	}
	switch unitOf(flag) {
	case setting.Count, setting.Limit:
		if n, ok := value.(int64); ok {
			return strconv.FormatInt(n, 10), nil
		}
		return nil, mismatch("a number without quotes", value)
	case setting.Size:
		if n, ok := value.(int64); ok {
			return strconv.FormatInt(n, 10), nil
		}
		wants = `a number of bytes or a quoted size such as "4MiB"`
	case setting.Period:
		wants = `a quoted time span such as "90s"`
	case setting.Text:
	}
	if text, ok := value.(string); ok {
		return text, nil
	}
	return nil, mismatch(wants, value)
}

func mismatch(wants string, value any) error {
	got := "a date or time"
	switch v := value.(type) {
	case string:
		got = strconv.Quote(v)
	case bool, int64, float64:
		got = fmt.Sprint(v)
	case []any:
		got = "a list"
	case map[string]any, []map[string]any:
		got = "a table"
	}
	return fmt.Errorf("want %s, got %s", wants, got)
}

func isNotString(v any) bool {
	_, ok := v.(string)
	return !ok
}

// check tries a value on, so that the error can name the file.
func check(flag *kong.Flag, value any) error {
	scan := kong.ScanFromTokens(kong.Token{Type: kong.FlagValueToken, Value: value})
	return flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, reflect.New(flag.Target.Type()).Elem())
}
