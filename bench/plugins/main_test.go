package plugins

import (
	"os"
	"os/exec"
	"runtime/debug"
	"testing"

	"github.com/hashicorp/go-plugin"

	"github.com/taskscheduler/taskscheduler/loader"
)

func TestMain(m *testing.M) {
	loader.BecomePlugin()

	// What the service's binary sets for itself while little lives, for everyone
	// here alike: a comparison of garbage collector settings is not wanted.
	const gcPercent = 400
	debug.SetGCPercent(gcPercent)

	if os.Getenv(handshake.MagicCookieKey) == handshake.MagicCookieValue {
		plugin.Serve(&plugin.ServeConfig{
			HandshakeConfig: handshake, Plugins: plugins, GRPCServer: plugin.DefaultGRPCServer,
		})
		return
	}
	os.Exit(m.Run())
}

// again returns this binary, to be started once more.
func again(b *testing.B) *exec.Cmd {
	b.Helper()
	executable, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	command := exec.Command(executable)
	command.Env = os.Environ()
	return command
}
