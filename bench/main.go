// Bench compares Task Scheduler with others that do a part of the same, and
// prints tables of what came of it. README.md says what they show and what not.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/compare"
	"github.com/taskscheduler/taskscheduler/bench/internal/machine"
	"github.com/taskscheduler/taskscheduler/bench/internal/report"
	"github.com/taskscheduler/taskscheduler/bench/internal/servers"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	rounds := flag.Int("rounds", 7, "turns that each server has; figures are medians")
	duration := flag.Duration("d", 2*time.Second, "how long a turn counts, after a fifth of it to warm up")
	cores := flag.Int("server-cores", 1, "cores that the server has for itself; the generator has the others. 0: they share all")
	write := flag.Bool("write", false, "put tables into ../docs/performance.md and pictures beside it")
	flag.Parse()

	w, err := servers.NewWorkshop(ctx)
	if err != nil {
		return err
	}
	defer w.Close()
	if !w.HasPlugin() {
		fmt.Fprintln(os.Stderr, "left out: the plugin, since there is no C compiler")
	}
	outcome, err := compare.All(ctx, w, compare.Settings{
		Rounds: *rounds, Duration: *duration, Split: machine.Divide(*cores), Progress: os.Stderr,
	})
	if err != nil {
		return err
	}
	text := outcome.Text()
	fmt.Println(text)
	if !*write {
		return nil
	}
	return document(filepath.Join("..", "docs"), text, outcome.Pictures())
}

// document puts text and pictures where people read them.
func document(folder, text string, pictures map[string]string) error {
	for name, drawn := range pictures {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(drawn), 0o644); err != nil { //nolint:gosec // for everybody
			return err
		}
	}
	return report.Replace(filepath.Join(folder, "performance.md"), text)
}
