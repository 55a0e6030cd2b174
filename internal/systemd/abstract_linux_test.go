package systemd_test

import (
	"log/slog"
	"os"
	"strconv"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/systemd"
)

func TestAbstractSocketIsFound(t *testing.T) {
	conn := listen(t, "@task-scheduler-test-"+strconv.Itoa(os.Getpid()))
	systemd.NewNotifier(slog.New(slog.DiscardHandler)).Ready()
	if got := receive(t, conn); got != "READY=1" {
		t.Errorf("ready is told as %q", got)
	}
}
