package server

import (
	"cmp"
	"errors"
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
)

// limits returns the limits that are in force, by flag name.
func (c *Config) limits() map[string]string {
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	span := func(d time.Duration) string { return d.String() }
	limits := map[string]string{
		"max-message-bytes":      number(int64(c.MaxMessageBytes)),
		"max-header-bytes":       number(int64(c.MaxHeaderBytes)),
		"max-concurrent-streams": number(int64(c.MaxConcurrentStreams)),
		"idle-timeout":           span(c.IdleTimeout),
		"result-ttl":             span(c.ResultTTL),
		"result-capacity":        number(int64(c.ResultCapacity)),
		"result-memory":          number(c.ResultMemory),
		"max-concurrent-tasks":   "unlimited",
		"max-pending-tasks":      number(int64(c.MaxPendingTasks)),
		"max-pending-bytes":      number(c.MaxPendingBytes),
		"max-sync-tasks":         number(int64(cmp.Or(c.MaxSyncTasks, runtime.GOMAXPROCS(0)))),
		"max-arguments":          number(int64(c.MaxArguments)),
		"max-dependencies":       number(int64(c.MaxDependencies)),
		"dependency-timeout":     span(c.DependencyTimeout),
		"max-wait":               span(c.MaxWait),
		"drain-timeout":          span(c.DrainTimeout),
	}
	if c.MaxConcurrentTasks > 0 {
		limits["max-concurrent-tasks"] = number(int64(c.MaxConcurrentTasks))
	}
	return limits
}

// recordedVersion is what the Go toolchain knows of the program's version.
func recordedVersion() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	return cmp.Or(info.Main.Version, "(unknown)")
}

var errStopping = errors.New("the server is shutting down")

// refuse makes the server refuse new tasks, or take them again, and its health
// say so. Once it is shutting down it refuses for good.
func (s *Server) refuse(refuse bool) error {
	if !s.health.turn(refuse, s.scheduler.Refuse) {
		return errStopping
	}
	return nil
}
