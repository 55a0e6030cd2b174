package guard

import (
	"log/slog"
	"net"
	"runtime"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/least"
	"github.com/taskscheduler/taskscheduler/bench/internal/load"
	"github.com/taskscheduler/taskscheduler/bench/internal/machine"
	"github.com/taskscheduler/taskscheduler/bench/internal/servers"
	"github.com/taskscheduler/taskscheduler/server"
)

// turn is how long a turn counts.
const turn = 300 * time.Millisecond

// metered drives a server for a turn and returns what it took for a call.
func metered(t *testing.T, addr string, meter func() int64) float64 {
	t.Helper()
	result, err := load.Run(t.Context(), addr, load.Plan{
		Task: load.Add(), Connections: 4, InFlight: 32, WarmUp: turn / 3, Duration: turn, Meter: meter,
	})
	if err != nil {
		t.Fatal(err)
	}
	return result.PerTask()
}

// The binary as it is shipped, beside a process of grpc-go, each on one core.
func TestProcessorTimeOfAWholeCall(t *testing.T) {
	w, err := servers.NewWorkshop(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	split := machine.Divide(1)
	measure := func(kind servers.Kind) func() float64 {
		process, err := w.Start(t.Context(), kind, servers.Options{Cores: split.Server, Processors: 1})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(process.Stop)
		if process.Time() == 0 {
			t.Skip("this system doesn't tell the processor time of a process")
		}
		return func() float64 {
			return metered(t, process.Addr, func() int64 { return process.Time().Nanoseconds() })
		}
	}
	compare(t, "whole call, processor time", measure(servers.Service), measure(servers.GRPCGo))
}

// Both in this process: the generator's allocations count too, but it makes few,
// and as many for each.
func TestAllocationsOfAWholeCall(t *testing.T) {
	s, err := server.Listen(server.Config{
		Addr: "127.0.0.1:0", AdminAddr: "off", LibraryDir: t.TempDir(), Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(t.Context()) }()
	t.Cleanup(func() {
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	plain := least.NewGRPC()
	go func() { _ = plain.Serve(listener) }() // it ends when it is stopped
	t.Cleanup(plain.Stop)

	compare(t, "whole call, allocations",
		func() float64 { return metered(t, s.Addr().String(), allocations) },
		func() float64 { return metered(t, listener.Addr().String(), allocations) })
}

// allocations is how many this process has made.
func allocations() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.Mallocs) //nolint:gosec // not as many as that
}
