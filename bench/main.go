// Bench compares Task Scheduler with others that do a part of the same, and
// prints tables of what came of it. README.md says what they show and what not.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/compare"
	"github.com/taskscheduler/taskscheduler/bench/internal/curves"
	"github.com/taskscheduler/taskscheduler/bench/internal/gobench"
	"github.com/taskscheduler/taskscheduler/bench/internal/machine"
	"github.com/taskscheduler/taskscheduler/bench/internal/public"
	"github.com/taskscheduler/taskscheduler/bench/internal/report"
	"github.com/taskscheduler/taskscheduler/bench/internal/servers"
	"github.com/taskscheduler/taskscheduler/loader"
)

const usage = `Usage: go run . [flags] [calls | curves | public | plugins | queues]

calls    whole calls, beside grpc-go and connect-go (what happens without a word)
curves   how costs grow: results, methods, connections, dependencies, chains
public   the harness of the public gRPC benchmark: ghz, 50 connections, 1,000 calls in flight
plugins calls of plugins, beside hashicorp/go-plugin
queues   detached tasks, beside worker pools and job queues

`

func main() {
	loader.BecomePlugin()
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), usage)
		flag.PrintDefaults()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	rounds := flag.Int("rounds", 3, "turns that each has; figures are medians")
	duration := flag.Duration("d", 0, "how long a turn of calls or public counts, after a fifth of it to warm up (default 1.5s and 8s)")
	cores := flag.Int("server-cores", 1, "cores that the server has for itself; the generator has the others. 0: they share all")
	largest := flag.Int("largest", math.MaxInt, "largest size of a curve")
	write := flag.Bool("write", false, "put the tables into ../docs/performance.md and pictures beside it")
	flag.Parse()

	w, err := servers.NewWorkshop(ctx)
	if err != nil {
		return err
	}
	defer w.Close()
	settings := compare.Settings{Rounds: *rounds, Duration: *duration, Split: machine.Divide(*cores), Progress: os.Stderr}
	var text string
	var pictures map[string]string
	what := cmp.Or(flag.Arg(0), "calls")
	settings.Duration = cmp.Or(settings.Duration, map[string]time.Duration{"public": 8 * time.Second}[what], 1500*time.Millisecond)
	switch what {
	case "calls":
		text, pictures, err = calls(ctx, w, settings)
	case "curves":
		text, err = grow(ctx, w, settings, *largest)
	case "public":
		text, err = public.Run(ctx, w, settings)
	case "plugins":
		text, err = gobench.Run(ctx, "./plugins", "calls/s", "cpu-µs/call", *rounds, os.Stderr)
	case "queues":
		text, err = gobench.Run(ctx, "./queues", "tasks/s", "cpu-µs/task", *rounds, os.Stderr)
	default:
		flag.Usage()
		return errors.New("what is " + what + "?")
	}
	if err != nil {
		return err
	}
	fmt.Println(text)
	if !*write {
		return nil
	}
	return document(filepath.Join("..", "docs"), what, text, pictures)
}

func calls(ctx context.Context, w *servers.Workshop, s compare.Settings) (text string, pictures map[string]string, err error) {
	if !w.HasPlugin() {
		fmt.Fprintln(os.Stderr, "left out: the plugin, since there is no C compiler")
	}
	outcome, err := compare.All(ctx, w, s)
	if err != nil {
		return "", nil, err
	}
	return outcome.Text(), outcome.Pictures(), nil
}

func grow(ctx context.Context, w *servers.Workshop, s compare.Settings, largest int) (text string, err error) {
	text = "Measured on " + s.Split.Describe() + ".\n\n"
	if len(s.Split.Generator) > 0 {
		if err := machine.Pin(s.Split.Generator); err != nil {
			return "", err
		}
	}
	for _, c := range curves.All(curves.Connections(w, s.Split)) {
		table, err := c.Run(ctx, s.Rounds, largest, s.Progress)
		if err != nil {
			return "", err
		}
		text += table + "\n"
	}
	return text, nil
}

// document puts text and pictures where people read them.
func document(folder, what, text string, pictures map[string]string) error {
	shown := ""
	for _, name := range slices.Sorted(maps.Keys(pictures)) {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(pictures[name]), 0o644); err != nil { //nolint:gosec // for everybody
			return err
		}
		shown += fmt.Sprintf("![the tables below as a picture](%s)\n\n", name)
	}
	text = shown + text
	if what == "calls" {
		const picture = "![Tasks a second, beside grpc-go and connect-go on net/http](docs/" + compare.RatePicture + ")"
		if err := report.Replace(filepath.Join(folder, "..", "README.md"), what, picture); err != nil {
			return err
		}
	}
	return report.Replace(filepath.Join(folder, "performance.md"), what, text)
}
