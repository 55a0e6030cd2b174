// Package flags knows which flags set the fields of Go's settings. A library
// speaks of its own fields; someone who types a command line knows the flags.
package flags

import (
	"cmp"
	"errors"
	"regexp"
	"strings"
	"sync"

	"github.com/taskscheduler/taskscheduler/internal/setting"
	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/server"
)

// Defaults returns the server's defaults by name with _ for -, for the flags of
// other commands to repeat: default:"${addr}".
func Defaults() map[string]string {
	defaults := map[string]string{}
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

// byField are the flags by the fields of server.Config that they set, and of
// the configurations of others that have none of that name.
var byField = sync.OnceValue(func() map[string]string { //nolint:gochecknoglobals // made once, and only read
	flags := map[string]string{
		// A client's own.
		"TLS":              "--tls",
		"TLS.RootCAs":      "--tls-ca-cert",
		"TLS.Certificates": "--tls-cert and --tls-key",
		"TLS.ServerName":   "--tls-server-name",
		// The loader's own.
		"Dir":         "--library-dir",
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
})

var configField = regexp.MustCompile(`\bConfig(\.[A-Z]\w*)+`)

// In returns text with the flags that set them in place of the fields that it
// names as Config.Field.
func In(text string) string {
	return configField.ReplaceAllStringFunc(text, func(field string) string {
		return cmp.Or(byField()[strings.TrimPrefix(field, "Config.")], field)
	})
}

// InError is [In] for an error; nil for nil.
func InError(err error) error {
	if err == nil || !configField.MatchString(err.Error()) {
		return err
	}
	return errors.New(In(err.Error()))
}
