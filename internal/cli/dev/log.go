package dev

import (
	"context"
	"log/slog"
	"slices"
)

// aboutPlugin passes on what a log says about the plugin and its tasks. What the
// server says of itself, and of loads, is told elsewhere or of no use here.
type aboutPlugin struct{ slog.Handler }

// Handle implements [slog.Handler].
func (a aboutPlugin) Handle(ctx context.Context, record slog.Record) error {
	about := record.Level > slog.LevelInfo
	record.Attrs(func(attr slog.Attr) bool {
		about = about || attr.Key == "plugin" || attr.Key == "method"
		return !about
	})
	if !about || slices.Contains(told, record.Message) {
		return nil
	}
	return a.Handler.Handle(ctx, record)
}

// told are the server's words for what is said already: by the worker, or as a call's
// error.
var told = []string{"plugin loaded", "plugin reloaded", "plugin could not be loaded", "task failed"}

// WithAttrs implements [slog.Handler].
func (a aboutPlugin) WithAttrs(attrs []slog.Attr) slog.Handler {
	if slices.ContainsFunc(attrs, func(attr slog.Attr) bool { return attr.Key == "plugin" }) {
		return a.Handler.WithAttrs(attrs)
	}
	return aboutPlugin{a.Handler.WithAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (a aboutPlugin) WithGroup(name string) slog.Handler {
	return aboutPlugin{a.Handler.WithGroup(name)}
}
