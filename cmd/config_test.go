package cmd

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/cli/flags"
	"github.com/taskscheduler/taskscheduler/internal/setting"
	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/server"
)

// parse returns the server's configuration that args, the environment and the
// file that they name make.
func parse(args ...string) (server.Config, error) {
	parser := newParser(&output{stdout: io.Discard, stderr: io.Discard})
	command, err := parser.Parse(args)
	if err != nil {
		return server.Config{}, err
	}
	serve, ok := reflect.TypeAssert[*serveCommand](command.Selected().Target.Addr())
	if !ok {
		return server.Config{}, fmt.Errorf("%q is another command", args)
	}
	return serve.config(), nil
}

func writeFile(t *testing.T, text string) (name string) {
	t.Helper()
	name = filepath.Join(t.TempDir(), "config.toml")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestDefaultsAreTheServersOwn(t *testing.T) {
	got, err := parse()
	if err != nil {
		t.Fatal(err)
	}
	want := server.Config{PluginLimits: loader.Limits{MemoryBytes: 1 << 30}}
	setting.Fill(&want)
	if !sameConfig(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func sameConfig(a, b server.Config) bool { return fmt.Sprintf("%+v", a) == fmt.Sprintf("%+v", b) }

// everySetting returns a configuration file with a value for each of the
// server's settings that is not its default, and what Config then has, by name.
func everySetting() (file string, want map[string]string) {
	want = make(map[string]string)
	var lines strings.Builder
	for i, s := range setting.All(new(server.Config)) {
		n := strconv.Itoa(i + 2)
		value := n
		want[s.Name] = n
		switch {
		case s.Choices != nil:
			last := s.Choices[len(s.Choices)-1]
			value, want[s.Name] = `"`+last+`"`, last
		case s.Unit == setting.Period:
			value, want[s.Name] = `"`+n+`ms"`, n+"ms"
		case s.Unit == setting.Text && s.Value() == "[]":
			value, want[s.Name] = `["a`+n+`", "b`+n+`"]`, "[a"+n+" b"+n+"]"
		case s.Unit == setting.Text && s.Value() == "false":
			value, want[s.Name] = "true", "true"
		case s.Field == "HTTP2": // which has two values only
			value, want[s.Name] = `"standard"`, "standard"
		case s.Unit == setting.Text:
			value, want[s.Name] = `"a`+n+`"`, "a"+n
		}
		fmt.Fprintf(&lines, "%s = %s\n", s.Name, value)
	}
	return lines.String() + processSettings, want
}

// processSettings are those that are no field of Config, or another one.
const processSettings = `plugin-dir-check = false
plugin-memory = "17MiB"
plugin-cores = 18
plugin-limit = ["m network cores=0", "* read=/n cpu=19s"]
log-dir = ""
log-level = "debug"
log-max-size = "19MiB"
log-max-age = "20h"
log-max-files = 21
`

// checkEvery checks that a configuration is what everySetting says.
func checkEvery(t *testing.T, got server.Config, want map[string]string) {
	t.Helper()
	for _, s := range setting.All(&got) {
		if value := s.Value(); value != want[s.Name] {
			t.Errorf("%s is %s, want %s", s.Name, value, want[s.Name])
		}
	}
	limits := loader.Limits{MemoryBytes: 17 << 20, CPUSeconds: 19, Cores: 18, ReadPaths: []string{"/n"}}
	ofM := loader.Limits{MemoryBytes: 17 << 20, CPUSeconds: 19, Network: true, ReadPaths: []string{"/n"}}
	if !got.PluginDirUnchecked || !reflect.DeepEqual(got.PluginLimits, limits) ||
		!reflect.DeepEqual(got.PluginLimitsByName, map[string]loader.Limits{"m": ofM}) {
		t.Errorf("plugins: %+v", got)
	}
}

func TestEveryFlagIsAKeyOfTheFile(t *testing.T) {
	file, want := everySetting()
	got, err := parse("--config", writeFile(t, file))
	if err != nil {
		t.Fatal(err)
	}
	checkEvery(t, got, want)
	for _, flag := range serverFlags() {
		if !strings.Contains("\n"+file, "\n"+flag.Name+" = ") {
			t.Errorf("this test doesn't know --%s", flag.Name)
		}
	}
}

func TestEveryFlagIsAVariable(t *testing.T) {
	file, want := everySetting()
	for line := range strings.Lines(file) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), " = ")
		value = strings.NewReplacer(`"`, "", "[", "", "]", "", ", ", ",").Replace(value)
		t.Setenv("TASK_SCHEDULER_"+strings.ToUpper(strings.ReplaceAll(key, "-", "_")), value)
	}
	got, err := parse()
	if err != nil {
		t.Fatal(err)
	}
	checkEvery(t, got, want)
	for _, flag := range serverFlags() {
		if len(flag.Envs) != 1 {
			t.Errorf("--%s has no environment variable", flag.Name)
		}
	}
}

// serverFlags are those that can be set once for all.
func serverFlags() []*kong.Flag {
	flags := newParser(&output{stdout: io.Discard, stderr: io.Discard}).Model.DefaultCmd.Flags
	return slices.DeleteFunc(slices.Clone(flags), func(flag *kong.Flag) bool { return flag.Tag.Get("setting") == notSet })
}

// A single call must not depend on the environment.
func TestVariablesOfClientCommandsAreTheConnectionsOnly(t *testing.T) {
	var variables []string
	parser := newParser(&output{stdout: io.Discard, stderr: io.Discard})
	for _, command := range parser.Model.Children {
		if command == parser.Model.DefaultCmd {
			continue
		}
		for _, flag := range command.Flags {
			variables = append(variables, flag.Envs...)
		}
	}
	slices.Sort(variables)
	for _, variable := range slices.Compact(variables) {
		switch strings.TrimPrefix(variable, "TASK_SCHEDULER_") {
		case "SERVER", "CONNECT_TIMEOUT", "ATTEMPTS", "MAX_MESSAGE_BYTES",
			"CLIENT_TLS", "CLIENT_TLS_CA_CERT", "CLIENT_TLS_CERT", "CLIENT_TLS_KEY", "CLIENT_TLS_SERVER_NAME",
			"ADMIN_ADDR", "ADMIN_TOKEN_FILE", "ADMIN_CLIENT_TLS", "ADMIN_CLIENT_TLS_CA_CERT", "ADMIN_CLIENT_TLS_CERT",
			"ADMIN_CLIENT_TLS_KEY", "ADMIN_CLIENT_TLS_SERVER_NAME":
		default:
			t.Errorf("%s changes client commands", variable)
		}
	}
	if !slices.Contains(variables, "TASK_SCHEDULER_SERVER") {
		t.Errorf("client commands don't read TASK_SCHEDULER_SERVER, only %q", variables)
	}
}

func TestRefusedFile(t *testing.T) {
	for text, want := range map[string]string{
		`addr = 50051`:                      "want a quoted text, got 50051",
		`addr = true`:                       "want a quoted text, got true",
		`addr = ["a"]`:                      "want a quoted text, got a list",
		`addr = 2026-01-01`:                 "want a quoted text, got a date or time",
		`max-wait = 30`:                     "want a quoted time span",
		`max-wait = "30"`:                   "want a time span",
		`max-pending-tasks = 1.5`:           "want a number without quotes, got 1.5",
		`max-pending-tasks = 0`:             "want a whole number from 1",
		`max-pending-tasks = 4294967297`:    "want a whole number from 1",
		`max-message-bytes = false`:         "want a number of bytes or a quoted size",
		`max-message-bytes = -1`:            "want a size",
		`cors-origin = "https://a.example"`: "want a list of quoted texts",
		`cors-origin = [1]`:                 "want a list of quoted texts",
		`plugin-dir-check = "no"`:           "want true or false",
		`plugin-limit = ["math"]`:           "want a plugin's name or *",
		`plugin-limit = ["math memory=x"]`:  `got "memory=x" in "math memory=x"`,
		`config = "other.toml"`:             `unknown key "config"`,
		`help = true`:                       `unknown key "help"`,
		`version = true`:                    `unknown key "version"`,
		`"" = 1`:                            `unknown key ""`,
		"b = 1\na = 2":                      `unknown key "a", "b"`,
		"addr = ":                           "toml: line 1",
		"addr = \"a\"\naddr = \"b\"":        "toml: line 2",
	} {
		name := writeFile(t, text)
		_, err := parse("--config", name)
		if err == nil {
			t.Errorf("%s is taken", text)
			continue
		}
		if message := err.Error(); !strings.Contains(message, want) || !strings.Contains(message, name) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// FuzzConfigFile holds that any file gives a configuration that the server can
// use, or one line that names the file.
func FuzzConfigFile(f *testing.F) {
	file, _ := everySetting()
	f.Add(file)
	f.Add("addr = 1")
	f.Add("max-pending-tasks = 9223372036854775807")
	f.Add("max-message-bytes = \"9223372036854775807TiB\"")
	f.Add("cors-origin = [\"a\", 1, {b = []}]")
	f.Add("[addr]\naddr = \"\"\"\n\n\"\"\"\n")
	f.Add("\"a\\nb\" = 1")
	f.Add("idle-timeout = \"\\u0000\"")
	f.Fuzz(func(t *testing.T, text string) {
		config, err := parseText(text)
		if err != nil {
			if message := oneLine(err).Error(); strings.Contains(message, "\n") || !strings.Contains(message, "some.toml") {
				t.Fatalf("error %q", message)
			}
			return
		}
		if config.MaxMessageBytes < 1 || config.MaxPendingTasks < 1 || config.MaxConcurrentTasks < 0 || config.MaxWait <= 0 {
			t.Fatalf("config %+v", config)
		}
	})
}

// parseText is parse with a file that holds text.
func parseText(text string) (server.Config, error) {
	file, err := parseFile("some.toml", []byte(text))
	if err != nil {
		return server.Config{}, err
	}
	line := &commandLine{}
	parser, err := kong.New(line, kong.PostBuild(nameEnvironment), kong.Resolvers(&file.settings), unitMappers(), kong.Vars(flags.Defaults()))
	if err != nil {
		return server.Config{}, err
	}
	_, err = parser.Parse([]string{"serve"})
	return line.Serve.config(), err
}
