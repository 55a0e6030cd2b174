package admin

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/taskscheduler/taskscheduler/internal/audit"
	"github.com/taskscheduler/taskscheduler/internal/deadletter"
	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/internal/stats"
	"github.com/taskscheduler/taskscheduler/loader"
	"github.com/taskscheduler/taskscheduler/task"
)

// A bench is a service among parts that do as they are told. The real parts
// around the real service are tested in package server.
type bench struct {
	service

	scheduler standInScheduler
	plugins   standInPlugins
	log       bytes.Buffer
}

type standInScheduler struct {
	executions []scheduler.Execution
	draining   bool
}

func (s *standInScheduler) EachExecution(visit func(*scheduler.Execution)) {
	for i := range s.executions {
		visit(&s.executions[i])
	}
}

func (*standInScheduler) Cancel(context.Context, string) (scheduler.Cancellation, error) {
	return scheduler.Cancellation{}, nil
}
func (s *standInScheduler) Counts() (pending, running int) { return 1, len(s.executions) - 1 }

func (*standInScheduler) Resubmit(context.Context, *scheduler.DeadLetter) (string, error) {
	return "new", nil
}
func (*standInScheduler) Admitted() scheduler.Admitted { return scheduler.Admitted{} }
func (s *standInScheduler) Draining() bool             { return s.draining }

func (*standInScheduler) Watch(context.Context, string, uint64) (*scheduler.Watch, bool, error) {
	return nil, false, nil
}
func (*standInScheduler) LogBytes() int64                            { return 1234 }
func (*standInScheduler) Record(*scheduler.Execution) journal.Record { return journal.Record{} }

var errBroken = errors.New("it is broken")

type standInPlugins struct {
	list []loader.Plugin
}

func (p *standInPlugins) Plugins() []loader.Plugin           { return slices.Clone(p.list) }
func (*standInPlugins) Unload(context.Context, string) error { return nil }
func (*standInPlugins) Load(context.Context, string) (loader.LoadResult, error) {
	return loader.LoadResult{Action: loader.Loaded, SHA256: "1"}, nil
}

func (*standInScheduler) Get(context.Context, string) (o scheduler.Outcome, ok bool, err error) {
	return o, false, nil
}

func (*standInScheduler) Queued() []scheduler.Queued {
	return nil
}

func (*standInPlugins) Reload(context.Context, string) (loader.LoadResult, error) {
	return loader.LoadResult{Action: loader.Restarted, SHA256: "1", Before: "1"}, nil
}

func (*standInPlugins) Install(context.Context, string, []byte, bool) (c loader.Checked, r loader.LoadResult, err error) {
	return c, r, nil
}

func (*standInPlugins) Revert(context.Context, string, string) (loader.LoadResult, error) {
	return loader.LoadResult{}, nil
}
func (*standInPlugins) Replaced(string) []loader.Version     { return nil }
func (*standInPlugins) Lines(string) ([]loader.Line, uint64) { return nil, 0 }

func (*standInPlugins) ReloadAll(context.Context) map[string]error {
	return map[string]error{"broken": errBroken, "fine": nil, "quarantined": nil}
}

// standInCluster is that of a node alone.
type standInCluster struct{ cluster }

func (standInCluster) Alone() bool { return true }

func newBench() *bench {
	b := new(bench)
	feed := new(stats.Feed)
	trail, _ := audit.Open("", nil) // in memory
	b.service = service{config: Config{
		Trail:       trail,
		Scheduler:   &b.scheduler,
		Plugins:     &b.plugins,
		DeadLetters: deadletter.New(deadletter.Limits{Count: 10, Bytes: 1 << 20}, nil),
		Tasks:       new(task.Registry),
		History:     stats.NewHistory(100, 10, feed),
		Feed:        feed,
		Refuse: func(refuse bool) error {
			b.scheduler.draining = refuse
			return nil
		},
		Results: func() int { return 7 },
		Cluster: standInCluster{},
		Logger:  slog.New(slog.DiscardHandler),
		Audit:   slog.New(slog.NewTextHandler(&b.log, nil)),
	}}
	return b
}
