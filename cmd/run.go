package cmd

import (
	"context"
	"errors"
	"regexp"
	"time"

	"github.com/alecthomas/kong"

	"github.com/taskscheduler/taskscheduler/client"
	"github.com/taskscheduler/taskscheduler/internal/cli/exit"
	"github.com/taskscheduler/taskscheduler/internal/cli/literal"
	"github.com/taskscheduler/taskscheduler/task"
)

// runCommand runs a task.
type runCommand struct {
	Method method `arg:"" optional:"" complete:"method" help:"Name of the task."`
	Args   words  `arg:"" name:"args..." optional:"" help:"Its arguments, as told above."`

	ID                string          `group:"Task:" name:"id" placeholder:"ID" help:"Name of this run. A known one starts nothing and gives the first one's result (default: a new UUID)."`
	Dep               []string        `group:"Task:" sep:"none" placeholder:"ID" help:"Task that must have succeeded before; may be repeated."`
	Inject            bool            `group:"Task:" help:"Put the results of the --dep tasks, as strings, before the arguments."`
	DependencyTimeout period          `group:"Task:" placeholder:"TIME" help:"How long to wait for the --dep tasks, also for those that nobody has submitted yet (default: as long as the server says, and not for those)."`
	ExecutionTimeout  period          `group:"Task:" placeholder:"TIME" help:"How long the task may run, at each attempt (default: no limit)."`
	Label             []literal.Label `group:"Task:" sep:"none" placeholder:"KEY=VALUE" help:"A word of your own that operators find it by; may be repeated."`
	Detach            bool            `group:"Task:" help:"Do not wait for the result: print the id and leave the task running."`
	Timeout           period          `group:"Task:" placeholder:"TIME" help:"How long all of it may take (default: no limit). Then the task is cancelled, as by an interrupt."`
	JSON              bool            `group:"Task:" name:"json" help:"Print one JSON object: task_id, status, result, node_id, error."`
	Follow            bool            `group:"Task:" help:"Show on standard error what the task says meanwhile: its progress and its log."`
	Stdin             bool            `group:"Task:" help:"Run the tasks of standard input, as told above, over one stream."`

	Later      laterFlags `embed:""`
	Connection connection `embed:""`
}

// Help explains the arguments.
func (runCommand) Help() string {
	return `Arguments are numbers, true, false, lists and maps as JSON writes them; any other word is a string. A whole
number is an int32, or an int64 or uint64 if it must be; one with a point or an exponent is a double. A type in front
says something else:

    i32:5  i64:5  u32:5  u64:5  f32:1.5  f64:1.5  bool:true  str:5
    bytes:text  bytes:@file  bytes:@- (standard input)  b64:aGk=

It works for the strings inside JSON too. A word that starts with a dash and is not a number needs str: before it, or --
before all arguments. Flags stand before the arguments or after them.

Examples:

    task-scheduler run add 1 2 -3
    task-scheduler run sum_list '[1, 2, "i64:3000000000"]'
    task-scheduler run echo_bytes bytes:@picture.svg
    task-scheduler run process_person_map '{"name": "Ada", "age": 36, "scores": [1.5]}' --json
    task-scheduler run fibonacci 30 --detach --id f30 && task-scheduler run ping --dep f30 --inject
    task-scheduler run math::multiply 6 7 --max-attempts 5 --backoff 200ms
    task-scheduler run ping --in 5m --detach
    task-scheduler run fibonacci 30 --follow

With --stdin each line of standard input is a task as a JSON object: method, and where wanted args (a list, of what
arguments above may be), id, deps, inject, dependency_timeout, execution_timeout ("1m30s"), detach, start_at
("2006-01-02T15:04:05Z"), labels (a map of strings) and retry (max_attempts, initial_backoff, max_backoff, multiplier,
codes). Each is answered by a line as --json prints it, with its line's number, in the order in which they end; a task
that fails doesn't keep the others from running. Nothing is sent twice.

    {"method": "add", "args": [1, 2, "i64:3"], "id": "sum"}
    {"method": "ping", "deps": ["sum"], "inject": true}

` + exit.CodesHelp
}

// Run submits the task and prints what comes of it.
func (r *runCommand) Run(ctx context.Context, out *output) error {
	if err := r.usage(); err != nil {
		return err
	}
	args, err := literal.Parse(r.Args, out.stdin)
	if err != nil {
		return exit.Usagef("%w", err)
	}
	c, err := r.Connection.client()
	if err != nil {
		return err
	}
	defer c.Close()
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(r.Timeout))
		defer cancel()
	}
	if r.Stdin {
		return r.lines(ctx, c, out)
	}
	t := client.Task{
		ID:                r.ID,
		Method:            string(r.Method),
		Args:              args,
		Deps:              r.Dep,
		DependencyTimeout: time.Duration(r.DependencyTimeout),
		ExecutionTimeout:  time.Duration(r.ExecutionTimeout),
		InjectResults:     r.Inject,
		Labels:            literal.Labels(r.Label),
	}
	if err := r.Later.apply(&t); err != nil {
		return err
	}
	result, err := r.submit(ctx, c, out, t)
	if r.Detach {
		return exit.Naming(out.submitted(result.ID, r.explain(ctx, err), r.JSON), t.Method, result.ID)
	}
	return exit.Naming(out.result(result, r.explain(ctx, err), r.JSON), string(r.Method), result.ID)
}

// submit submits the task, and waits for its end unless it is to run on its own.
func (r *runCommand) submit(ctx context.Context, c *client.Client, out *output, t client.Task) (result client.Result, err error) {
	if r.Follow {
		if t.ID == "" {
			t.ID = client.NewID()
		}
		following := out.follow(ctx, c, t.ID)
		defer func() { following.stop(result.State.Ended()) }()
	}
	err = out.onceLoaded(ctx, c, t.Method, func() (err error) {
		if r.Detach {
			result.ID, err = c.Submit(ctx, t)
		} else {
			result, err = c.RunTask(ctx, t)
		}
		t.ID = result.ID // the same task, if it is sent again
		return err
	})
	return result, err
}

// usage says what is wrong with the flags.
func (r *runCommand) usage() error {
	alone := r.ID == "" && len(r.Dep) == 0 && !r.Inject &&
		r.DependencyTimeout == 0 && r.ExecutionTimeout == 0 && len(r.Label) == 0 && !r.Detach && !r.Follow && !r.Later.given()
	switch {
	case !r.Stdin && r.Method == "":
		return exit.Usagef("name the task to run, or take the tasks of standard input with --stdin")
	case r.Stdin && (r.Method != "" || !alone):
		return exit.Usagef("--stdin: a task's name, arguments and flags stand in its line")
	case r.Follow && r.Detach:
		return exit.Usagef("--follow waits for the task, which --detach doesn't: leave one out, or watch the task by its id")
	default:
		return nil
	}
}

// explain puts the end of the command's own context in the user's words.
func (r *runCommand) explain(ctx context.Context, err error) error {
	deadline, limited := ctx.Deadline()
	switch {
	case limited && !time.Now().Before(deadline) && errors.Is(err, context.DeadlineExceeded):
		return task.Errorf(task.DeadlineExceeded, "no answer within --timeout %v", time.Duration(r.Timeout))
	case errors.Is(err, context.Canceled):
		return task.Errorf(task.Cancelled, "interrupted")
	default:
		return err
	}
}

// method is a task's name. It is the last word before the arguments, and so
// the place to tell the parser which words with a dash are arguments.
type method string

var negativeNumber = regexp.MustCompile(`^-[0-9]`)

// Decode takes the name, and marks the negative numbers after it, which would
// else be taken for flags. No flag looks like one.
func (m *method) Decode(ctx *kong.DecodeContext) error {
	token, err := ctx.Scan.PopValue("task name")
	if err != nil {
		return err
	}
	*m = method(token.String())
	rest := ctx.Scan.PeekAll() // the scanner's own
	for i, token := range rest {
		if token.Type == kong.UntypedToken && negativeNumber.MatchString(token.String()) {
			rest[i].Type = kong.PositionalArgumentToken
		}
	}
	return nil
}

// words are taken as they are. The parser's own way with strings leads through
// JSON, which mends what is not UTF-8.
type words []string

// Decode takes all words up to the next flag.
func (w *words) Decode(ctx *kong.DecodeContext) error {
	for _, token := range ctx.Scan.PopWhile(kong.Token.IsValue) {
		*w = append(*w, token.String())
	}
	return nil
}
