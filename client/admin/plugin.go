package admin

import (
	"context"
	"time"

	adminpb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
)

// Plugin is a file in the server's library directory.
type Plugin struct {
	Name string `json:"name"`
	// File is the file's name, without the directory.
	File string `json:"file"`
	// SHA256 is that of what is loaded, in hexadecimal.
	SHA256 string `json:"sha256,omitempty"`
	// State is "loading", "serving", "restarting", "quarantined", "unloaded" or
	// "failed".
	State string `json:"state"`
	// Tasks are the full names of its tasks.
	Tasks []string `json:"tasks"`
	// PID is its process; 0 when there is none.
	PID int `json:"pid,omitempty"`
	// MemoryBytes is what the process has resident.
	MemoryBytes uint64    `json:"memory_bytes,omitempty"`
	Restarts    int       `json:"restarts"`
	LastError   string    `json:"last_error,omitempty"`
	LoadedAt    time.Time `json:"loaded_at,omitzero"`
	// MissingProtections could not be applied to its process.
	MissingProtections []string `json:"missing_protections,omitempty"`
}

// Plugins lists the plugin files, sorted by name.
func (c *Client) Plugins(ctx context.Context) ([]Plugin, error) {
	response, err := call(ctx, c, c.rpc.ListPlugins, &adminpb.ListPluginsRequest{})
	return newPlugins(response.GetPlugins()), err
}

// LoadPlugin loads a plugin from the library directory, also one that was
// unloaded, and returns it.
func (c *Client) LoadPlugin(ctx context.Context, name string) (Plugin, error) {
	response, err := call(ctx, c, c.rpc.LoadPlugin, &adminpb.LoadPluginRequest{Name: name})
	return newPlugin(response.GetPlugin()), err
}

// UnloadPlugin unloads a plugin, and returns it. It stays unloaded until
// LoadPlugin or until its file changes.
func (c *Client) UnloadPlugin(ctx context.Context, name string) (Plugin, error) {
	response, err := call(ctx, c, c.rpc.UnloadPlugin, &adminpb.UnloadPluginRequest{Name: name})
	return newPlugin(response.GetPlugin()), err
}

// ReloadPlugins starts a plugin anew, or all of them when name is empty, except
// those that an operator unloaded. It returns what was reloaded; the LastError
// of one among all says what went wrong with it.
func (c *Client) ReloadPlugins(ctx context.Context, name string) ([]Plugin, error) {
	response, err := call(ctx, c, c.rpc.ReloadPlugin, &adminpb.ReloadPluginRequest{Name: name})
	return newPlugins(response.GetPlugins()), err
}

func newPlugins(plugins []*adminpb.Plugin) []Plugin {
	read := make([]Plugin, len(plugins))
	for i, p := range plugins {
		read[i] = newPlugin(p)
	}
	return read
}

func newPlugin(p *adminpb.Plugin) Plugin {
	return Plugin{
		Name:               p.GetName(),
		File:               p.GetFile(),
		SHA256:             p.GetSha256(),
		State:              word(p.GetState(), pluginStatePrefix),
		Tasks:              append([]string{}, p.GetTasks()...), // no JSON of it is null
		PID:                int(p.GetPid()),
		MemoryBytes:        p.GetMemoryBytes(),
		Restarts:           int(p.GetRestarts()),
		LastError:          p.GetLastError(),
		LoadedAt:           moment(p.GetLoadedAt()),
		MissingProtections: p.GetMissingProtections(),
	}
}
