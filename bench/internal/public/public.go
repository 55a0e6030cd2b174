// Package public drives the servers as the public benchmark of gRPC servers does
// (github.com/LesnyRumcajs/grpc_bench), as far as that can be done without its
// containers: with ghz, 50 connections, 1,000 calls in flight, one core for the
// server. The calls are this contract's instead of its greeting.
package public

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/compare"
	"github.com/taskscheduler/taskscheduler/bench/internal/load"
	"github.com/taskscheduler/taskscheduler/bench/internal/machine"
	"github.com/taskscheduler/taskscheduler/bench/internal/report"
	"github.com/taskscheduler/taskscheduler/bench/internal/servers"
)

const (
	ghz         = "github.com/bojand/ghz/cmd/ghz@v0.120.0"
	connections = 50
	inFlight    = 1000
)

// A figure is what ghz says of a run.
type figure struct {
	Count        int64   `json:"count"`
	Rate         float64 `json:"rps"`
	Distribution []struct {
		Percentage int           `json:"percentage"`
		Latency    time.Duration `json:"latency"`
	} `json:"latencyDistribution"`
	Errors map[string]int `json:"errorDistribution"`

	perCall time.Duration
	memory  int64
}

func (f *figure) quantile(percent int) time.Duration {
	for _, d := range f.Distribution {
		if d.Percentage == percent {
			return d.Latency
		}
	}
	return 0
}

// Run measures each server in turn, several times, and returns a table.
func Run(ctx context.Context, w *servers.Workshop, s compare.Settings) (string, error) {
	kinds := []servers.Kind{servers.Service, servers.GRPCGo, servers.ConnectGo}
	figures := make([][]figure, len(kinds))
	h := harness{Workshop: w, settings: s}
	if err := h.install(ctx); err != nil {
		return "", err
	}
	for round := range s.Rounds {
		for i, kind := range kinds {
			fmt.Fprintf(s.Progress, "round %d of %d: ghz: %s\n", round+1, s.Rounds, kind)
			f, err := h.turn(ctx, kind)
			if err != nil {
				return "", fmt.Errorf("%s: %w", kind, err)
			}
			figures[i] = append(figures[i], f)
		}
	}
	t := report.NewTable("", "calls/s", "p50", "p95", "p99", "server's CPU a call", "memory after")
	for i, kind := range kinds {
		f := middle(figures[i])
		t.Add(string(kind), report.Rate(f.Rate), report.Micros(f.quantile(50)), report.Micros(f.quantile(95)),
			report.Micros(f.quantile(99)), report.Micros(f.perCall), report.Megabytes(f.memory))
	}
	return fmt.Sprintf("ghz with %d connections and %d calls in flight; of each server the run with the median rate. "+
		"ghz takes several times what a server takes, so where its cores are few the rates are its own: look at the processor time.\n\n%s",
		connections, inFlight, t), nil
}

// middle returns the run with the median rate.
func middle(all []figure) figure {
	slices.SortFunc(all, func(a, b figure) int { return int(a.Rate - b.Rate) })
	return all[len(all)/2]
}

// A harness is ghz and what it sends.
type harness struct {
	*servers.Workshop

	settings      compare.Settings
	program, data string
}

func (h *harness) install(ctx context.Context) error {
	h.program, h.data = filepath.Join(h.Folder(), "ghz"), filepath.Join(h.Folder(), "request")
	install := exec.CommandContext(ctx, "go", "install", ghz)
	install.Env = append(os.Environ(), "GOBIN="+h.Folder())
	if said, err := install.CombinedOutput(); err != nil {
		return fmt.Errorf("install %s: %w\n%s", ghz, err, said)
	}
	task := load.Add()
	return os.WriteFile(h.data, task.Request(), 0o600)
}

func (h *harness) turn(ctx context.Context, kind servers.Kind) (f figure, err error) {
	process, err := h.Start(ctx, kind, servers.Options{Cores: h.settings.Split.Server})
	if err != nil {
		return f, err
	}
	defer process.Stop()
	if _, err := h.run(ctx, process.Addr, max(h.settings.Duration/5, time.Second)); err != nil {
		return f, err
	}
	before := process.Time()
	if f, err = h.run(ctx, process.Addr, h.settings.Duration); err != nil {
		return f, err
	}
	f.perCall = (process.Time() - before) / time.Duration(max(f.Count, 1))
	f.memory = process.Memory()
	return f, nil
}

// run has ghz run for so long. When it is told to stop while it still starts, which
// happens on a busy machine, it panics: it has another try then.
func (h *harness) run(ctx context.Context, addr string, duration time.Duration) (f figure, err error) {
	for range 3 {
		if f, err = h.runOnce(ctx, addr, duration); err == nil {
			break
		}
		duration *= 2
	}
	return f, err
}

func (h *harness) runOnce(ctx context.Context, addr string, duration time.Duration) (f figure, err error) {
	command := exec.CommandContext(ctx, h.program, "--insecure", "--format", "json",
		"--proto", "taskscheduler/task_scheduler.proto", "--import-paths", filepath.Join(h.Project(), "proto"),
		"--call", "taskscheduler.TaskScheduler.SubmitTask", "--binary-file", h.data,
		"--connections", strconv.Itoa(connections), "--concurrency", strconv.Itoa(inFlight),
		"--duration", duration.String(), "--duration-stop", "wait", addr)
	var printed, complaints bytes.Buffer
	command.Stdout, command.Stderr = &printed, &complaints
	if err := machine.Start(command, h.settings.Split.Generator); err != nil {
		return f, err
	}
	if err := command.Wait(); err != nil {
		return f, fmt.Errorf("ghz: %w\n%.2000s", err, &complaints)
	}
	if err := json.Unmarshal(printed.Bytes(), &f); err != nil {
		return f, fmt.Errorf("ghz prints %.200q: %w", &printed, err)
	}
	if len(f.Errors) > 0 {
		return f, fmt.Errorf("calls fail: %v", f.Errors)
	}
	return f, nil
}
