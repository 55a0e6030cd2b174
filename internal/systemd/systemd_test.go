//go:build unix

package systemd_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/taskscheduler/taskscheduler/internal/systemd"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// listen is the service manager's end of a socket.
func listen(t *testing.T, name string) *net.UnixConn {
	t.Helper()
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	t.Setenv("NOTIFY_SOCKET", name)
	return conn
}

func receive(t *testing.T, conn *net.UnixConn) string {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	var buffer [4096]byte
	n, err := conn.Read(buffer[:])
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:n])
}

func TestTellsWhatBecomesOfTheProcess(t *testing.T) {
	conn := listen(t, filepath.Join(t.TempDir(), "notify"))
	n := systemd.NewNotifier(slog.New(slog.DiscardHandler))
	n.Ready()
	if got := receive(t, conn); got != "READY=1" {
		t.Errorf("ready is told as %q", got)
	}
	n.Reloading()
	if got := receive(t, conn); !strings.HasPrefix(got, "RELOADING=1\nMONOTONIC_USEC=") || strings.HasSuffix(got, "\n") {
		t.Errorf("reloading is told as %q", got)
	}
	n.Stopping(90 * time.Second)
	if got := receive(t, conn); got != "STOPPING=1\nEXTEND_TIMEOUT_USEC=90000000" {
		t.Errorf("stopping is told as %q", got)
	}
}

func TestFeedsTheWatchdogAsLongAsAllIsWell(t *testing.T) {
	conn := listen(t, filepath.Join(t.TempDir(), "notify"))
	t.Setenv("WATCHDOG_USEC", "20000")
	ctx, stop := context.WithCancel(t.Context())
	n := systemd.NewNotifier(slog.New(slog.DiscardHandler))
	statuses := make(chan string)
	var watching sync.WaitGroup
	watching.Go(func() {
		n.Watch(ctx, func(ctx context.Context) (string, error) {
			select {
			case status := <-statuses:
				if status == "ill" {
					return "", errors.New("results can't\nbe read")
				}
				return status, nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		})
	})
	for range 3 {
		statuses <- "fine\nREADY=1"
		if got := receive(t, conn); got != "STATUS=fine READY=1\nWATCHDOG=1" {
			t.Errorf("got %q", got)
		}
	}
	statuses <- "ill"
	if got := receive(t, conn); got != "STATUS=results can't be read" {
		t.Errorf("got %q", got)
	}
	stop()
	watching.Wait()
}

func TestNothingIsToldToNobody(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	var logged bytes.Buffer
	n := systemd.NewNotifier(slog.New(slog.NewTextHandler(&logged, nil)))
	n.Ready()
	n.Stopping(time.Second)
	if logged.Len() > 0 {
		t.Errorf("the log has %s", &logged)
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "gone"))
	n.Ready()
	n.Ready()
	if strings.Count(logged.String(), "can't be told") != 1 {
		t.Errorf("of a socket that is gone the log has %s", &logged)
	}
	logged.Reset()
	t.Setenv("WATCHDOG_USEC", "soon")
	systemd.NewNotifier(slog.New(slog.NewTextHandler(&logged, nil)))
	if !strings.Contains(logged.String(), "watchdog") {
		t.Errorf("of a watchdog that can't be understood the log has %s", &logged)
	}
}
