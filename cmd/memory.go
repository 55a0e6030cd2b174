package cmd

import (
	"log/slog"
	"os"
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// gcPercent trades memory, which a service that runs tasks has left, for
	// an eighth more calls. The memory limit below keeps it from growing.
	gcPercent = 400

	// memoryShare of what the container or the machine has is where the
	// garbage collector starts to work harder.
	memoryShare = 0.8
)

// tuneMemory sets the garbage collector up for a server, as far as GOGC and
// GOMEMLIMIT leave it to us.
func tuneMemory(logger *slog.Logger) {
	if _, set := os.LookupEnv("GOGC"); !set {
		debug.SetGCPercent(gcPercent)
	}
	// It leaves a GOMEMLIMIT that is set alone.
	bytes, err := memlimit.Set(
		memlimit.WithRatio(memoryShare),
		memlimit.WithProvider(memlimit.ApplyFallback(memlimit.FromCgroup, memlimit.FromSystem)),
	)
	if err != nil {
		logger.Debug("memory limit unknown", "error", err)
		return
	}
	logger.Debug("memory limit", "bytes", bytes)
}
