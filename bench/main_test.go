package bench

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/hashicorp/go-plugin"

	"github.com/taskscheduler/taskscheduler/loader"
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

const (
	roleVariable    = "BENCH_ROLE"
	profileVariable = "BENCH_PROFILE"
)

func TestMain(m *testing.M) {
	loader.BecomePlugin()

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

// play is what a role's process does. With profileVariable set it also writes a
// CPU profile into that folder, named after the role.
func play(role string) error {
	run := roles[role]
	if run == nil {
		return errors.New("there is no such role")
	}
	if folder := os.Getenv(profileVariable); folder != "" {
		profile, err := os.Create(filepath.Join(folder, strings.ReplaceAll(role, "/", "-")+".prof"))
		if err != nil {
			return err
		}
		defer profile.Close()
		if err := pprof.StartCPUProfile(profile); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
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
