package admin

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1/adminpbconnect"
	"github.com/taskscheduler/taskscheduler/internal/rpc"
	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/task"
)

// maxPlugin is how many bytes a plugin may have that is brought in.
const maxPlugin = 64 << 20

var (
	errNoPlugin = task.Errorf(task.NotFound, "there is no plugin of this name")
	errNoUpload = task.Errorf(task.FailedPrecondition, "this server takes no plugins that way: start it with Config.PluginUpload, "+
		"or put the file into its library directory")
)

// oneUpload lets one upload in at a time: each may take much memory.
func oneUpload(next http.Handler) http.Handler {
	turn := make(chan struct{}, 1)
	busy := connect.NewErrorWriter()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != adminpbconnect.AdminServiceUploadPluginProcedure {
			next.ServeHTTP(w, r)
			return
		}
		select {
		case turn <- struct{}{}:
			defer func() { <-turn }()
			next.ServeHTTP(w, r)
		default:
			err := errors.New("another plugin is being brought in: try again")
			_ = busy.Write(w, r, connect.NewError(connect.CodeResourceExhausted, err)) // the caller went away
		}
	})
}

// GetPlugin implements the rpc of that name.
func (s *service) GetPlugin(ctx context.Context, request *pb.GetPluginRequest) (*pb.GetPluginResponse, error) {
	plugins := s.config.Plugins.Plugins()
	at := slices.IndexFunc(plugins, func(p loader.Plugin) bool { return p.Name == request.GetName() })
	if at < 0 {
		return nil, rpc.Error(errNoPlugin)
	}
	p := &plugins[at]
	response := &pb.GetPluginResponse{Plugin: describePlugin(p), ValuesHidden: s.hidesValues(ctx)}
	response.Plugin.LastError = withhold(response.GetPlugin().GetLastError(), response.GetValuesHidden())
	s.addVersions(response, p)
	lines, left := s.config.Plugins.Lines(p.Name)
	if response.LinesLeftOut = left; response.GetValuesHidden() {
		response.LinesLeftOut += uint64(len(lines))
		return response, nil
	}
	for _, line := range lines {
		response.Lines = append(response.Lines, &pb.LogLine{
			Time: timestamppb.New(line.Time), Level: int32(line.Level), Text: text(line.Text),
		})
	}
	return response, nil
}

// addVersions adds the versions of a plugin: those that were loaded, newest first, and
// then those that are kept from before the start.
func (s *service) addVersions(response *pb.GetPluginResponse, p *loader.Plugin) {
	kept := make(map[string]loader.Version)
	for _, v := range s.config.Plugins.Replaced(p.File) {
		kept[v.SHA256] = v
	}
	for _, v := range slices.Backward(p.Versions) {
		_, isKept := kept[v.SHA256]
		delete(kept, v.SHA256)
		response.Versions = append(response.Versions, &pb.PluginVersion{
			Sha256: v.SHA256, Version: text(v.Version), LoadedAt: timestamppb.New(v.LoadedAt), Bytes: uint64(max(v.Bytes, 0)),
			Serving: v.SHA256 == p.SHA256, Kept: isKept,
		})
		response.Plugin.Revertible = response.GetPlugin().GetRevertible() || isKept && v.SHA256 != p.SHA256
	}
	for _, v := range s.config.Plugins.Replaced(p.File) {
		if _, isLeft := kept[v.SHA256]; isLeft {
			response.Versions = append(response.Versions, &pb.PluginVersion{
				Sha256: v.SHA256, Bytes: uint64(max(v.Bytes, 0)), Kept: true,
			})
			response.Plugin.Revertible = true
		}
	}
}

// UploadPlugin implements the rpc of that name.
func (s *service) UploadPlugin(ctx context.Context, request *pb.UploadPluginRequest) (*pb.UploadPluginResponse, error) {
	if !s.config.PluginUpload {
		return nil, rpc.Error(errNoUpload)
	}
	if len(request.GetContent()) > maxPlugin {
		return nil, rpc.Error(task.Errorf(task.ResourceExhausted,
			"the plugin has %d bytes; at most %d", len(request.GetContent()), maxPlugin))
	}
	found, result, err := s.config.Plugins.Install(ctx, request.GetFile(), request.GetContent(), request.GetDryRun())
	action := "upload plugin"
	if request.GetDryRun() { // which runs code of the caller's too
		action = "check plugin"
	}
	s.audit(ctx, action, request.GetFile(), err, append(whatWasDone(result), slog.Int("bytes", len(request.GetContent())))...)
	if err != nil {
		return nil, rpc.Error(err)
	}
	response := &pb.UploadPluginResponse{Sha256: found.SHA256, PreviousSha256: result.Before}
	if response.Plugin = s.plugin(found.Name); response.GetPlugin() == nil || request.GetDryRun() {
		response.Plugin = &pb.Plugin{Name: found.Name, File: found.File, Sha256: found.SHA256}
	}
	for _, info := range found.Tasks {
		described := describeTask(&task.Task{
			Name: info.Name, Async: info.Async, Source: found.File, Version: found.Version,
			Signature: info.Signature, Doc: info.Doc,
		})
		response.Tasks = append(response.Tasks, described)
	}
	return response, nil
}

// RevertPlugin implements the rpc of that name.
func (s *service) RevertPlugin(ctx context.Context, request *pb.RevertPluginRequest) (*pb.RevertPluginResponse, error) {
	if !s.config.PluginUpload {
		return nil, rpc.Error(errNoUpload)
	}
	result, err := s.config.Plugins.Revert(ctx, request.GetName(), strings.ToLower(request.GetSha256()))
	s.audit(ctx, "revert plugin", request.GetName(), err, whatWasDone(result)...)
	if err != nil {
		return nil, rpc.Error(err)
	}
	return &pb.RevertPluginResponse{Plugin: s.plugin(request.GetName()), PreviousSha256: result.Before}, nil
}

// plugin describes a plugin as it is now; nil when there is none of that name.
func (s *service) plugin(name string) *pb.Plugin {
	for _, plugin := range s.config.Plugins.Plugins() {
		if plugin.Name == name && !refused(&plugin) {
			return describePlugin(&plugin)
		}
	}
	return nil
}
