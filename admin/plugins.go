package admin

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/loader"
)

// ListPlugins implements the rpc of that name.
func (s *service) ListPlugins(ctx context.Context, _ *pb.ListPluginsRequest) (*pb.ListPluginsResponse, error) {
	plugins := s.config.Plugins.Plugins()
	slices.SortStableFunc(plugins, func(a, b loader.Plugin) int { return strings.Compare(a.Name, b.Name) })
	described := describeAll(plugins)
	for _, p := range described {
		p.LastError = withhold(p.GetLastError(), s.hidesValues(ctx))
	}
	return &pb.ListPluginsResponse{Plugins: described}, nil
}

// LoadPlugin implements the rpc of that name.
func (s *service) LoadPlugin(ctx context.Context, request *pb.LoadPluginRequest) (*pb.LoadPluginResponse, error) {
	plugin, err := s.changePlugin(ctx, "load plugin", request.GetName(), s.config.Plugins.Load)
	return &pb.LoadPluginResponse{Plugin: plugin}, err
}

// UnloadPlugin implements the rpc of that name.
func (s *service) UnloadPlugin(ctx context.Context, request *pb.UnloadPluginRequest) (*pb.UnloadPluginResponse, error) {
	unload := func(ctx context.Context, name string) (loader.LoadResult, error) {
		return loader.LoadResult{}, s.config.Plugins.Unload(ctx, name)
	}
	plugin, err := s.changePlugin(ctx, "unload plugin", request.GetName(), unload)
	return &pb.UnloadPluginResponse{Plugin: plugin}, err
}

// ReloadPlugin implements the rpc of that name.
func (s *service) ReloadPlugin(ctx context.Context, request *pb.ReloadPluginRequest) (*pb.ReloadPluginResponse, error) {
	if request.GetName() == "" {
		return &pb.ReloadPluginResponse{Plugins: describeAll(s.reloadAll(ctx))}, nil
	}
	plugin, err := s.changePlugin(ctx, "reload plugin", request.GetName(), s.config.Plugins.Reload)
	return &pb.ReloadPluginResponse{Plugins: []*pb.Plugin{plugin}}, err
}

// changePlugin changes one plugin and returns it as it is then.
func (s *service) changePlugin(
	ctx context.Context, action, name string, change func(context.Context, string) (loader.LoadResult, error),
) (*pb.Plugin, error) {
	result, err := change(ctx, name)
	s.audit(ctx, action, name, err, whatWasDone(result)...)
	if err != nil {
		return nil, rpc.Error(err)
	}
	if plugin := s.plugin(name); plugin != nil {
		return plugin, nil
	}
	return &pb.Plugin{Name: name}, nil // its file went away meanwhile
}

// whatWasDone is what the audit log says about loading.
func whatWasDone(result loader.LoadResult) []slog.Attr {
	if result.Action == "" {
		return nil
	}
	return []slog.Attr{
		slog.String("did", string(result.Action)),
		slog.String("sha256", result.SHA256), slog.String("sha256_before", result.Before),
	}
}

// refused tells a file that was never loaded from a plugin: there may be both
// under one name.
func refused(p *loader.Plugin) bool { return p.State == loader.StateFailed && p.SHA256 == "" }

// reloadAll reloads every plugin that no operator unloaded, and returns them
// as they are then. What went wrong with one is its LastError.
func (s *service) reloadAll(ctx context.Context) []loader.Plugin {
	outcomes := s.config.Plugins.ReloadAll(ctx)
	var failed []string
	for _, name := range slices.Sorted(maps.Keys(outcomes)) {
		if err := outcomes[name]; err != nil {
			failed = append(failed, name+": "+err.Error())
		}
	}
	var err error
	if len(failed) > 0 {
		err = errors.New(strings.Join(failed, "; "))
	}
	s.audit(ctx, "reload plugin", "(all)", err, slog.Int("plugins", len(outcomes)))

	var reloaded []loader.Plugin
	for _, plugin := range s.config.Plugins.Plugins() {
		err, tried := outcomes[plugin.Name]
		if err != nil {
			plugin.LastError = cmp.Or(plugin.LastError, err.Error())
		}
		if tried {
			reloaded = append(reloaded, plugin)
		}
	}
	return reloaded
}

func describeAll(plugins []loader.Plugin) []*pb.Plugin {
	described := make([]*pb.Plugin, len(plugins))
	for i := range plugins {
		described[i] = describePlugin(&plugins[i])
	}
	return described
}

func describePlugin(p *loader.Plugin) *pb.Plugin {
	described := &pb.Plugin{
		Name:        text(p.Name),
		File:        text(p.File),
		Sha256:      p.SHA256,
		State:       pluginStates[p.State],
		Tasks:       p.Tasks,
		Pid:         int32(p.PID),
		MemoryBytes: uint64(max(p.MemoryBytes, 0)),
		Restarts:    uint32(p.Restarts),
		LastError:   text(p.LastError),
	}
	for _, process := range p.Processes {
		described.Processes = append(described.Processes, &pb.PluginProcess{
			Pid: int32(process.PID), MemoryBytes: uint64(max(process.MemoryBytes, 0)),
		})
	}
	for _, note := range p.Notes {
		described.MissingProtections = append(described.MissingProtections, text(note))
	}
	if !p.LoadedAt.IsZero() {
		described.LoadedAt = timestamppb.New(p.LoadedAt)
	}
	return described
}

var pluginStates = map[loader.State]pb.PluginState{
	loader.StateLoading:     pb.PluginState_PLUGIN_STATE_LOADING,
	loader.StateServing:     pb.PluginState_PLUGIN_STATE_SERVING,
	loader.StateRestarting:  pb.PluginState_PLUGIN_STATE_RESTARTING,
	loader.StateQuarantined: pb.PluginState_PLUGIN_STATE_QUARANTINED,
	loader.StateUnloaded:    pb.PluginState_PLUGIN_STATE_UNLOADED,
	loader.StateFailed:      pb.PluginState_PLUGIN_STATE_FAILED,
}
