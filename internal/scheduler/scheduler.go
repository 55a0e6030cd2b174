package scheduler

import (
	"cmp"
	"log/slog"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/journal"
	"github.com/taskscheduler/taskscheduler/internal/queue"
	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/task"
)

// Config is what a [Scheduler] needs. A limit that is zero is none, but for MaxSync.
type Config struct {
	Tasks *task.Registry
	// Store keeps the outcomes of ended tasks.
	Store store.Store
	// Queue keeps the tasks that outlive the process. Nil: none does.
	Queue *queue.Queue
	// Node is this node's id, for outcomes that other nodes read and for ids that
	// tell who has made them. It goes with Claims and Elsewhere.
	Node string
	// Claims hands out the ids that clients choose where several nodes share the
	// Store. Nil: this process is alone.
	Claims store.Claims
	// Elsewhere finds what other nodes have. Nil: there are none.
	Elsewhere Elsewhere
	// Others take over what this node has accepted and can't run, or not any more. Nil:
	// there are none.
	Others Others
	// Reach says how many nodes are reached if these are too few to keep anything, for
	// clients to be told; else it is empty. Nil: nothing is known of that.
	Reach func() string
	// Sure reports whether others can't have taken this node for dead. While they may,
	// no kept task begins: one of them may have run it, and told its end. Nil: there are
	// none.
	Sure func() bool
	// Full, if not nil, reports that there is no room to store what comes of more
	// tasks.
	Full func() bool
	// Encode does what a [Source] does for requests that have none: they come from
	// this process, and their arguments are decoded. With a Queue it must be set.
	Encode func(request *Request, args []task.Value) ([]byte, error)
	// Logger gets a line for each failed task, and at debug level for each
	// successful one. Nil: slog.Default().
	Logger *slog.Logger
	// LogReasons has those lines say why a task failed. Its error may quote
	// arguments; without it they are logged at debug level alone.
	LogReasons bool
	// Ended, if not nil, is called once for each task that has ended, from the
	// goroutine that ended it: it must be quick and must not call the Scheduler.
	Ended func(Execution)
	// Said, if not nil, is called with what a task says while it runs: its lines,
	// and once a second at most its progress. describe tells of the task. It must be
	// quick and must not call the Scheduler.
	Said func(event journal.Event, describe func() Execution)
	// KeepArguments has the journals keep what tasks were called with, as far as it
	// is short.
	KeepArguments bool
	// Journals bounds what is kept of what tasks say while they run.
	Journals journal.Limits

	// DeadLetter, if not nil, is called in the same way for each task
	// that has used up its attempts.
	DeadLetter func(DeadLetter)
	// KeptLetter is called, by several goroutines at a time, for each letter that
	// the queue has when tasks are restored. Nil: they stay there.
	KeptLetter func(queue.Loaded) error

	// MaxPending bounds the tasks that have not ended, running ones included.
	// Those that wait for dependencies may have half of it, and a caller four
	// times of what is free.
	MaxPending int
	// MaxPendingBytes bounds what their arguments, ids and injected results hold
	// together, and is shared in the same way.
	MaxPendingBytes int64
	// MaxConcurrent bounds the tasks that run at a time.
	MaxConcurrent int
	// MaxSync bounds the sync tasks that run at a time, in this process and, if it
	// is more than 32, in each source of remote ones. When all do so for long, a few more run: of
	// methods that would not run at all. Zero: GOMAXPROCS.
	MaxSync int
	// MaxArguments bounds the arguments of one task.
	MaxArguments int
	// MaxDependencies bounds the dependencies of one task.
	MaxDependencies int
	// MaxResultBytes bounds a task's result, and what a task gets as results of
	// its dependencies together.
	MaxResultBytes int
	// DependencyTimeout is how long a task waits for dependencies when its
	// request doesn't say.
	DependencyTimeout time.Duration
	// MaxDependencyTimeout is the longest that a request may ask for; more is cut
	// to it.
	MaxDependencyTimeout time.Duration
	// MaxExecutionTimeout is the longest that a request may ask for; more is cut
	// to it.
	MaxExecutionTimeout time.Duration
	// MaxStartDelay is how far ahead a request's time to start may be; more is
	// refused.
	MaxStartDelay time.Duration
}

const (
	// longestTimeout bounds those that a Config allows: a deadline that is
	// further away than its clock counts would lie in the past.
	longestTimeout = 100 * 365 * 24 * time.Hour
	// MaxIDLength is how many bytes a task's id may have.
	MaxIDLength = 1024
)

// withoutZeros gives limits that are none the largest value.
func (c Config) withoutZeros() Config {
	c.Logger = cmp.Or(c.Logger, slog.Default())
	c.MaxPending = cmp.Or(c.MaxPending, math.MaxInt/edgesPerTask)
	c.MaxPendingBytes = cmp.Or(c.MaxPendingBytes, math.MaxInt64)
	c.MaxConcurrent = cmp.Or(c.MaxConcurrent, math.MaxInt)
	c.MaxSync = cmp.Or(c.MaxSync, runtime.GOMAXPROCS(0))
	c.MaxArguments = cmp.Or(c.MaxArguments, math.MaxInt)
	c.MaxDependencies = cmp.Or(c.MaxDependencies, math.MaxInt)
	c.MaxResultBytes = cmp.Or(c.MaxResultBytes, math.MaxInt)
	c.Journals.Total = cmp.Or(c.Journals.Total, math.MaxInt64/2)
	c.Journals.Each = cmp.Or(c.Journals.Each, math.MaxInt64/2)
	c.MaxDependencyTimeout = min(cmp.Or(c.MaxDependencyTimeout, longestTimeout), longestTimeout)
	c.MaxExecutionTimeout = min(cmp.Or(c.MaxExecutionTimeout, longestTimeout), longestTimeout)
	c.MaxStartDelay = min(cmp.Or(c.MaxStartDelay, longestTimeout), longestTimeout)
	c.DependencyTimeout = min(cmp.Or(c.DependencyTimeout, longestTimeout), c.MaxDependencyTimeout)
	return c
}

// A Scheduler runs tasks. All methods are safe for concurrent use.
type Scheduler struct {
	config   Config
	outcomes outcomes
	book     *journal.Book
	said     saidLog
	table    table
	slots    slots
	graph    sync.Mutex // held while a task with dependencies, or awaited by others, is placed
	// searches counts those for a cycle; guarded by graph.
	searches uint64

	room    room
	pending atomic.Int64 // admitted tasks in state Pending
	running atomic.Int64 // and in state Running

	cascade cascade
	overdue overdueRuns
	times   timetables
	retries atomic.Uint64 // attempts that failed and were not the last

	aside     atomic.Int64         // kept tasks that have not begun: Drain doesn't wait for them
	goOn      atomic.Int64         // kept tasks that Drain has stopped
	strangers parked[*execution]   // see restore.go
	contested parked[*restoration] // see contest.go
	unsure    parked[*execution]   // see unsure.go
	followed  followed

	leftClaims atomic.Int64 // claims that nobody waits for any more

	draining atomic.Bool
	paused   atomic.Bool
	idle     chan struct{} // signalled when draining and nothing is left
	over     chan struct{} // closed when Drain is over
	endOver  func()        // closes it
}

// New returns a scheduler. It starts no goroutines; call [Scheduler.Drain]
// before leaving it to the garbage collector.
func New(config Config) *Scheduler {
	if config.Claims == nil { // nobody else reads it
		config.Node = ""
	}
	config = config.withoutZeros()
	s := &Scheduler{config: config, book: journal.NewBook(config.Journals), idle: make(chan struct{}, 1)}
	s.outcomes.init(config.Store, config.Claims, config.Reach, config.Logger)
	s.over = make(chan struct{})
	s.endOver = sync.OnceFunc(func() { close(s.over) })
	s.said.init(config.Logger)
	s.table.init()
	s.room.init(config.MaxPending, config.MaxPendingBytes)
	s.slots.init(config.MaxConcurrent, config.MaxSync, func(e *execution) { go s.work(e) })
	s.times.init(s.come, s.again)
	s.strangers.init(lookAgainAfter, allAtOnce, s.draining.Load, s.startKnown)
	s.unsure.init(sureAgain, allAtOnce, s.draining.Load, s.beginSure)
	s.contested.init(claimAgain, contestsAtOnce, s.draining.Load, s.takeOverAgain)
	return s
}

// Counts returns how many tasks wait and how many run.
func (s *Scheduler) Counts() (pending, running int) {
	running = int(s.running.Load()) // first, so that one that starts now isn't counted twice
	return int(s.pending.Load()), running
}
