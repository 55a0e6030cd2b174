package bench

import (
	"errors"
	"fmt"
	"github.com/taskscheduler/taskscheduler/loader/child"
	"os"
	"os/exec"
	"runtime/debug"
	"testing"

	"github.com/hashicorp/go-plugin"
)

// roles are what this binary is when it is started again, by the value of
// roleVariable. Whatever is measured beside something else has a process of its
// own, so that neither pays for the other's work.
var roles = map[string]func() error{
	"client":   serveLoad,
	"service":  serveService,
	"grpc-go":  serveGRPC,
	"net/http": serveNetHTTP,
}

const roleVariable = "BENCH_ROLE"

func TestMain(m *testing.M) {
	child.Main()
	// What the service's binary sets for itself, for everyone here alike: a
	// comparison of garbage collector settings is not wanted.
	const gcPercent = 400
	debug.SetGCPercent(gcPercent)

	if os.Getenv(handshake.MagicCookieKey) == handshake.MagicCookieValue {
		plugin.Serve(&plugin.ServeConfig{
			HandshakeConfig: handshake, Plugins: plugins, GRPCServer: plugin.DefaultGRPCServer,
		})
		return
	}
	if role := os.Getenv(roleVariable); role != "" {
		if err := play(role); err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", role, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func play(role string) error {
	run := roles[role]
	if run == nil {
		return errors.New("there is no such role")
	}
	return run()
}

// again returns this binary, to be started once more with these variables set.
func again(b *testing.B, variables ...string) *exec.Cmd {
	b.Helper()
	executable, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	command := exec.Command(executable)
	command.Env = append(os.Environ(), variables...)
	return command
}
