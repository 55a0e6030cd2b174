package cmd

import (
	"cmp"
	"errors"
	"regexp"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/internal/setting"
	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/server"
)

// serverDefaults returns the server's defaults by name with _ for -, for the
// flags of other commands to repeat: default:"${addr}".
func serverDefaults() kong.Vars {
	defaults := kong.Vars{}
	for _, s := range setting.All(new(server.Config)) {
		defaults[strings.ReplaceAll(s.Name, "-", "_")] = s.Default
	}
	for _, s := range setting.All(new(loader.Limits)) {
		if s.Field == "MemoryBytes" {
			defaults["plugin_memory"] = s.Default
		}
	}
	return defaults
}

// fieldFlags returns the flags by the fields of server.Config that they set.
func fieldFlags() map[string]string {
	flags := map[string]string{
		// The loader's own.
		"TempDir":     "--plugin-temp-dir",
		"DirCheck":    "--no-plugin-dir-check",
		"LoadTimeout": "--plugin-load-timeout",
		// Those whose flags are told another way.
		"PluginDirUnchecked": "--no-plugin-dir-check",
		"PluginLimits":       "--plugin-limit",
		"PluginLimitsByName": "--plugin-limit",
	}
	for _, s := range setting.All(new(server.Config)) {
		flags[s.Field] = "--" + s.Name
	}
	return flags
}

var configField = regexp.MustCompile(`\bConfig\.\w+`)

// inFlags returns text with the flags that set them in place of the fields of
// server.Config that it names. A library speaks of its own fields; someone who types a
// command line knows the flags.
func inFlags(text string) string {
	flags := fieldFlags()
	return configField.ReplaceAllStringFunc(text, func(field string) string {
		return cmp.Or(flags[strings.TrimPrefix(field, "Config.")], field)
	})
}

// namingFlags is inFlags for an error.
func namingFlags(err error) error {
	if err == nil || !configField.MatchString(err.Error()) {
		return err
	}
	return errors.New(inFlags(err.Error()))
}
