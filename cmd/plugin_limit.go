package cmd

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/setting"
	"github.com/taskscheduler/taskscheduler/loader"
)

// pluginLimit is what one plugin may use, or all of them: "math memory=4GiB
// network". What it doesn't name stays as it is for all.
type pluginLimit struct {
	plugin  string // everyPlugin: all
	changes []func(*loader.Limits)
}

// everyPlugin stands for all plugins in place of a name.
const everyPlugin = "*"

var errPluginLimit = errors.New("want a plugin's name or *, and limits of memory=SIZE, cpu=TIME, cores=N, processes=N, threads=N, nice=N, files=N, file-size=SIZE, folder-size=SIZE, " +
	"read=PATH, write=PATH, network, programs, unconfined")

// UnmarshalText reads a plugin's limits.
func (p *pluginLimit) UnmarshalText(text []byte) error {
	words := strings.Fields(string(text))
	if len(words) < 2 || strings.Contains(words[0], "=") {
		return fmt.Errorf("%w; got %q", errPluginLimit, text)
	}
	p.plugin, p.changes = words[0], nil
	for _, word := range words[1:] {
		change, err := parseLimit(word)
		if err != nil {
			return fmt.Errorf("%w; got %q in %q", errPluginLimit, word, text)
		}
		p.changes = append(p.changes, change)
	}
	return nil
}

// parseLimit returns what a word such as "memory=4GiB" does to limits.
func parseLimit(word string) (func(*loader.Limits), error) {
	key, value, hasValue := strings.Cut(word, "=")
	switches := map[string]func(*loader.Limits){
		"network":    func(l *loader.Limits) { l.Network = true },
		"programs":   func(l *loader.Limits) { l.Programs = true },
		"unconfined": func(l *loader.Limits) { l.Unconfined = true },
	}
	if turn := switches[key]; turn != nil && !hasValue {
		return turn, nil
	}
	if value == "" {
		return nil, errPluginLimit
	}
	switch key {
	case "memory":
		bytes, err := setting.Size.Parse(value)
		return func(l *loader.Limits) { l.MemoryBytes = bytes }, err
	case "file-size":
		bytes, err := setting.Size.Parse(value)
		return func(l *loader.Limits) { l.FileBytes = bytes }, err
	case "folder-size":
		bytes, err := setting.Size.Parse(value)
		return func(l *loader.Limits) { l.FolderBytes = bytes }, err
	case "threads":
		n, err := strconv.ParseUint(value, 10, 31)
		return func(l *loader.Limits) { l.Threads = int(n) }, err
	case "cpu":
		span, err := setting.Period.Parse(value)
		seconds := int64(math.Ceil(time.Duration(span).Seconds()))
		return func(l *loader.Limits) { l.CPUSeconds = seconds }, err
	case "processes":
		n, err := strconv.ParseUint(value, 10, 8)
		return func(l *loader.Limits) { l.Processes = int(n) }, err
	case "cores":
		n, err := strconv.ParseUint(value, 10, 16)
		return func(l *loader.Limits) { l.Cores = int(n) }, err
	case "files":
		n, err := strconv.ParseUint(value, 10, 31)
		return func(l *loader.Limits) { l.OpenFiles = int64(n) }, err
	case "nice":
		n, err := strconv.ParseUint(value, 10, 5)
		return func(l *loader.Limits) { l.Nice = niceOf(int(n)) }, err
	case "read":
		return func(l *loader.Limits) { l.ReadPaths = append(l.ReadPaths, value) }, nil
	case "write":
		return func(l *loader.Limits) { l.WritePaths = append(l.WritePaths, value) }, nil
	default:
		return nil, errPluginLimit
	}
}

// niceOf returns the limit for a number of steps; 0 has the plugin come as the
// server does.
func niceOf(steps int) int {
	if steps == 0 {
		return -1
	}
	return steps
}

// applyLimits returns the limits for every plugin, which begin as base, and
// those of the plugins that have their own.
func applyLimits(base loader.Limits, limits []pluginLimit) (every loader.Limits, byName map[string]loader.Limits) {
	apply := func(l loader.Limits, p pluginLimit) loader.Limits {
		l.ReadPaths, l.WritePaths = slices.Clone(l.ReadPaths), slices.Clone(l.WritePaths)
		for _, change := range p.changes {
			change(&l)
		}
		return l
	}
	for _, p := range limits {
		if p.plugin == everyPlugin {
			base = apply(base, p)
		}
	}
	for _, p := range limits {
		if p.plugin == everyPlugin {
			continue
		}
		own, ok := byName[p.plugin]
		if !ok {
			own = base
		}
		if byName == nil {
			byName = make(map[string]loader.Limits)
		}
		byName[p.plugin] = apply(own, p)
	}
	return base, byName
}
