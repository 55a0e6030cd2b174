package server

import (
	"context"

	"github.com/taskscheduler/taskscheduler/admin"
	"github.com/taskscheduler/taskscheduler/loader"
)

// newLoader returns what loads the plugins of the library directory.
func (s *Server) newLoader() (*loader.Loader, error) {
	cfg := &s.config
	return loader.New(loader.Config{
		Dir:                cfg.LibraryDir,
		Tasks:              cfg.Tasks,
		Logger:             cfg.Logger,
		Limits:             cfg.PluginLimits,
		PluginLimits:       cfg.PluginLimitsByName,
		MaxMessageBytes:    cfg.MaxMessageBytes,
		LoadTimeout:        cfg.PluginLoadTimeout,
		CancelGrace:        cfg.PluginCancelGrace,
		DrainTimeout:       cfg.PluginDrainTimeout,
		DirCheck:           !cfg.PluginDirUnchecked,
		RequireConfinement: cfg.RequireConfinement,
		TempDir:            cfg.PluginTempDir,
		Notify:             func(event loader.Event) { s.feed.Publish(admin.PluginEvent(event)) },
	})
}

// runPlugins loads plugins until the function that it returns is called, which
// waits until no process is left.
func (s *Server) runPlugins(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // tasks go on while the server drains
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := s.plugins.Run(ctx); err != nil {
			s.config.Logger.Error("plugins can't be loaded", "error", err)
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}
