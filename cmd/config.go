package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/setting"
)

// connectionGroup is the help group of the flags that say how client commands
// reach a server. Like all of the server's flags they can be set by environment
// and configuration file; what a single call does is told by its flags alone.
const connectionGroup = "Connection:"

// nameEnvironment gives each flag that may be set once for all its environment
// variable: --max-wait has TASK_SCHEDULER_MAX_WAIT.
func nameEnvironment(parser *kong.Kong) error {
	name := func(flag *kong.Flag, setting string) {
		variable := environmentPrefix + strings.ToUpper(strings.ReplaceAll(setting, "-", "_"))
		flag.Envs = []string{variable}
		flag.Tag.Envs = flag.Envs
	}
	for _, flag := range parser.Model.Flags {
		if flag.Name == "config" {
			name(flag, flag.Name)
		}
	}
	for _, command := range parser.Model.Children {
		for _, flag := range command.Flags {
			if command == parser.Model.DefaultCmd || flag.Group != nil && flag.Group.Key == connectionGroup {
				name(flag, settingOf(command, flag))
			}
		}
	}
	return nil
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

// configFile is the name of a TOML file whose keys are flags.
type configFile string

// BeforeResolve reads the file as soon as the parser knows its name.
func (configFile) BeforeResolve(ctx *kong.Context, trace *kong.Path) error {
	name, _ := ctx.FlagValue(trace.Flag).(configFile)
	if name == "" {
		return nil // set, but empty: no file
	}
	text, err := os.ReadFile(string(name))
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("--config: can't read %q: %w", name, pathErr.Err)
	} else if err != nil {
		return fmt.Errorf("--config: %w", err)
	}
	settings, err := parseSettings(string(name), text)
	if err != nil {
		return err
	}
	ctx.AddResolver(settings)
	return nil
}

// settings are a configuration file's keys and values.
type settings struct {
	file   string
	values map[string]any
}

func parseSettings(file string, text []byte) (*settings, error) {
	s := &settings{file: file}
	if err := toml.Unmarshal(text, &s.values); err != nil {
		return nil, fmt.Errorf("%s: %w", file, oneLine(err))
	}
	return s, nil
}

// Validate refuses keys that set no flag: a typing error must not pass
// as a setting.
func (s *settings) Validate(app *kong.Application) error {
	known := map[string]bool{}
	for _, command := range app.Children {
		for _, flag := range command.Flags {
			known[settingName(flag)] = true
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
	return fmt.Errorf("%s: unknown key %s: keys are spelled after the $NAMEs in --help, max-wait for $TASK_SCHEDULER_MAX_WAIT",
		s.file, strings.Join(unknown, ", "))
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
