package admin

import (
	"context"
	"log/slog"
	"time"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// PluginDetails is all that is known of a plugin.
type PluginDetails struct {
	Plugin

	// Versions are those that were loaded since the start, newest first, and those that
	// are kept.
	Versions []PluginVersion `json:"versions"`
	// Lines are the newest that its processes wrote, oldest first.
	Lines        []LogLine `json:"lines,omitempty"`
	LinesLeftOut uint64    `json:"lines_left_out,omitempty"`
}

// PluginVersion is a file that was loaded as a plugin.
type PluginVersion struct {
	SHA256 string `json:"sha256"`
	// Version is what it says of itself.
	Version  string    `json:"version,omitempty"`
	LoadedAt time.Time `json:"loaded_at,omitzero"`
	Bytes    uint64    `json:"bytes"`
	Serving  bool      `json:"serving"`
	// Kept: [Client.RevertPlugin] can bring it back.
	Kept bool `json:"kept"`
}

// Plugin returns all that is known of a plugin.
func (c *Client) Plugin(ctx context.Context, name string) (PluginDetails, error) {
	response, err := call(ctx, c, c.rpc.GetPlugin, &adminpb.GetPluginRequest{Name: name})
	details := PluginDetails{
		Plugin: newPlugin(response.GetPlugin()), Versions: []PluginVersion{}, LinesLeftOut: response.GetLinesLeftOut(),
	}
	for _, v := range response.GetVersions() {
		details.Versions = append(details.Versions, PluginVersion{
			SHA256: v.GetSha256(), Version: v.GetVersion(), LoadedAt: moment(v.GetLoadedAt()), Bytes: v.GetBytes(),
			Serving: v.GetServing(), Kept: v.GetKept(),
		})
	}
	for _, line := range response.GetLines() {
		details.Lines = append(details.Lines, LogLine{
			Time: moment(line.GetTime()), Level: slog.Level(line.GetLevel()), Text: line.GetText(),
		})
	}
	return details, err
}

// UploadPlugin puts a plugin's file, of that name without a directory, into the
// server's library directory, and returns the plugin. dry: it is only looked at.
func (c *Client) UploadPlugin(ctx context.Context, file string, content []byte, dry bool) (Plugin, error) {
	response, err := call(ctx, c, c.rpc.UploadPlugin, &adminpb.UploadPluginRequest{File: file, Content: content, DryRun: dry})
	return newPlugin(response.GetPlugin()), err
}

// RevertPlugin brings back the version of a plugin that an upload has replaced, by its
// SHA-256, or the last one, and returns the plugin.
func (c *Client) RevertPlugin(ctx context.Context, name, hash string) (Plugin, error) {
	response, err := call(ctx, c, c.rpc.RevertPlugin, &adminpb.RevertPluginRequest{Name: name, Sha256: hash})
	return newPlugin(response.GetPlugin()), err
}
