package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/cli/table"
	"github.com/taskscheduler/taskscheduler/internal/reload"
)

// The flags that say where settings are read, besides the environment.
const (
	configFlag  = "config"
	profileFlag = "profile"
)

// BeforeResolve reads the file that --config names, or that of the user, as soon
// as the parser knows which. The parser calls it.
func (*commandLine) BeforeResolve(ctx *kong.Context) error {
	name, profile := rootFlag(ctx, configFlag), rootFlag(ctx, profileFlag)
	calls := callsServer(ctx.Selected())
	if !calls && typed(ctx, profileFlag) {
		return errors.New("--profile is for commands that call a server: name settings of the server itself with --config")
	}
	own := name == "" && calls
	if own {
		name = userConfig(profile != "")
	}
	if name == "" {
		return nil
	}
	file, err := readConfig(name)
	switch {
	case err != nil && own:
		return fmt.Errorf("--profile: %w: this is where profiles are, unless --config names another file", err)
	case err != nil:
		return fmt.Errorf("--config: %w", err)
	}
	if own {
		file.settings.folder, file.settings.clients = filepath.Dir(name), true
	}
	ctx.AddResolver(&file.settings)
	if profile = cmp.Or(profile, file.profile); profile == "" || !calls {
		return nil
	}
	chosen, err := file.chosen(profile)
	if err == nil {
		ctx.AddResolver(chosen)
	}
	return err
}

// A configFile is what a file has: settings for all commands, and profiles, one
// for each server that the user calls.
type configFile struct {
	settings settings
	profile  string // the one that is chosen where none is named
	profiles map[string]map[string]any
}

func readConfig(name string) (*configFile, error) {
	text, err := os.ReadFile(name)
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		return nil, fmt.Errorf("can't read %q: %w", name, pathErr.Err)
	} else if err != nil {
		return nil, err
	}
	return parseFile(name, text)
}

func parseFile(name string, text []byte) (*configFile, error) {
	file := &configFile{settings: settings{file: name}}
	parts := struct {
		Profile  string                    `toml:"profile"`
		Profiles map[string]map[string]any `toml:"profiles"`
	}{}
	err := toml.Unmarshal(text, &file.settings.values)
	if err == nil {
		err = toml.Unmarshal(text, &parts)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, oneLine(err))
	}
	delete(file.settings.values, "profile")
	delete(file.settings.values, "profiles")
	file.profile, file.profiles = parts.Profile, parts.Profiles
	return file, nil
}

// chosen returns the settings of a profile. Files that it names lie beside the
// configuration, wherever the command runs.
func (f *configFile) chosen(profile string) (*settings, error) {
	values, ok := f.profiles[profile]
	if !ok {
		known := "has none"
		if len(f.profiles) > 0 {
			known = "has " + strings.Join(slices.Sorted(maps.Keys(f.profiles)), ", ")
		}
		return nil, fmt.Errorf("--profile: no profile %s: %s %s", table.ID(profile), f.settings.file, known)
	}
	return &settings{
		file: f.settings.file + ", profile " + table.ID(profile), values: values,
		folder: filepath.Dir(f.settings.file), clients: true,
	}, nil
}

// userConfig returns the name of the user's own file; empty if it isn't there,
// unless it must be.
func userConfig(must bool) string {
	folder, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	name := filepath.Join(folder, "task-scheduler", "config.toml")
	if _, err := os.Stat(name); err != nil && !must {
		return ""
	}
	return name
}

// callsServer tells whether a command calls a server.
func callsServer(command *kong.Node) bool {
	for ; command != nil; command = command.Parent {
		if slices.ContainsFunc(command.Flags, isConnection) {
			return true
		}
	}
	return false
}

// rootFlag returns the value of a flag of the program itself.
func rootFlag(ctx *kong.Context, name string) string {
	for _, flag := range ctx.Model.Flags {
		if flag.Name == name {
			value, _ := ctx.FlagValue(flag).(string)
			return value
		}
	}
	return ""
}

// typed tells whether a flag stands on the command line.
func typed(ctx *kong.Context, name string) bool {
	return slices.ContainsFunc(ctx.Path, func(p *kong.Path) bool { return p.Flag != nil && p.Flag.Name == name })
}

// warnOfSecrets tells of files with a secret, named by flags, that others can read.
func warnOfSecrets(out *output, ctx *kong.Context) {
	for _, step := range ctx.Path {
		for _, flag := range step.Flags {
			if !flag.Tag.Has("secret") {
				continue
			}
			if name, _ := ctx.FlagValue(flag).(string); name != "" {
				if err := reload.CheckSecret("--"+flag.Name, name); err != nil {
					fmt.Fprintf(out.stderr, "%s: warning: %v\n", ctx.Model.Name, err)
				}
			}
		}
	}
}
