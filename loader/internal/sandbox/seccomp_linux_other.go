//go:build linux && !amd64 && !arm64

package sandbox

// No filter was written for this architecture.
const (
	auditArchitecture = 0
	otherCalls        = 0
)

var forkCalls, forbiddenHere []uint32
