package server

import "context"

// Reload reads again what the server was given as files: certificates, tokens,
// and the plugins that no operator unloaded, which it starts anew. It drops
// nothing: connections go on, and calls in flight end where they began. What can't
// be used is logged, and what was before stays. It returns when all is done, or
// ctx ends.
func (s *Server) Reload(ctx context.Context) {
	log := s.config.Logger
	log.Info("reloading certificates, tokens and plugins")
	s.clients.certs.refresh()
	if s.admin != nil {
		s.admin.certs.refresh()
		s.admin.Reload()
	}
	outcomes := s.plugins.ReloadAll(ctx)
	for name, err := range outcomes {
		if err != nil {
			log.Warn("a plugin can't be reloaded", "plugin", name, "error", err)
		}
	}
	log.Info("reloaded", "plugins", len(outcomes))
}
