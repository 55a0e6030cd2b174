package server

import (
	"context"

	"github.com/taskscheduler/taskscheduler/admin"
	"github.com/taskscheduler/taskscheduler/loader"
)

// newLoader returns what loads the plugins of the library directory.
func (s *Server) newLoader() (*loader.Loader, error) {
	config := s.config.loader()
	config.Notify = func(event loader.Event) { s.feed.Publish(admin.PluginEvent(event)) }
	return loader.New(config)
}

// loader is what c says of plugins.
func (c *Config) loader() loader.Config {
	return loader.Config{
		Dir:                c.LibraryDir,
		Tasks:              c.Tasks,
		Logger:             c.Logger,
		Limits:             c.PluginLimits,
		PluginLimits:       c.PluginLimitsByName,
		MaxMessageBytes:    c.MaxMessageBytes,
		LoadTimeout:        c.PluginLoadTimeout,
		CancelGrace:        c.PluginCancelGrace,
		DrainTimeout:       c.PluginDrainTimeout,
		DirCheck:           !c.PluginDirUnchecked,
		RequireConfinement: c.RequireConfinement,
		TempDir:            c.PluginTempDir,
	}
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
