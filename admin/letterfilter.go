package admin

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/scheduler"
	"github.com/taskscheduler/taskscheduler/task"
)

// A letterFilter is a request's, checked.
type letterFilter struct {
	*pb.DeadLetterFilter

	ids, codes   set[string]
	since, until time.Time // zero: no bound
}

func newLetterFilter(asked *pb.DeadLetterFilter) (f letterFilter, err error) {
	f = letterFilter{DeadLetterFilter: asked, ids: setOf(asked.GetIds()), codes: setOf(asked.GetCodes())}
	if f.since, err = momentOf(asked.GetSince()); err == nil {
		f.until, err = momentOf(asked.GetUntil())
	}
	return f, err
}

// momentOf returns a request's time, the zero time for none.
func momentOf(stamp *timestamppb.Timestamp) (time.Time, error) {
	if stamp == nil {
		return time.Time{}, nil
	}
	if err := stamp.CheckValid(); err != nil {
		return time.Time{}, task.Errorf(task.InvalidArgument, "%w", err)
	}
	return stamp.AsTime(), nil
}

// changes is newLetterFilter for what changes the letters that it chooses.
func changes(asked *pb.DeadLetterFilter, all bool) (f letterFilter, err error) {
	if f, err = newLetterFilter(asked); err != nil {
		return f, err
	}
	return f, checkChosen(asked, all, "dead letters")
}

// checkChosen checks a filter of what is to be changed. All that there is it means only
// if that is said. A part of it that this server doesn't know, as a newer client may
// send it, might be the one that leaves most of it out.
func checkChosen(filter proto.Message, all bool, what string) error {
	switch {
	case len(filter.ProtoReflect().GetUnknown()) > 0:
		return task.Errorf(task.InvalidArgument, "this server, which is older than you, doesn't know all that the filter asks for: leave it out")
	case (proto.Size(filter) == 0) != all:
		return task.Errorf(task.InvalidArgument, "say which %s: by a filter, or all of them; not both, nor none", what)
	}
	return nil
}

func (f letterFilter) matches(letter *scheduler.DeadLetter) bool {
	x := &letter.Execution
	switch {
	case !f.ids.allows(x.ID),
		!strings.HasPrefix(x.ID, f.GetIdPrefix()),
		f.GetMethod() != "" && x.Task.Name != f.GetMethod(),
		f.GetPlugin() != "" && pluginOf(x.Task.Name) != f.GetPlugin(),
		!hasLabels(x, f.GetLabels()),
		!f.codes.allows(codeOf(x)),
		!f.since.IsZero() && x.Ended.Before(f.since),
		!f.until.IsZero() && !x.Ended.Before(f.until):
		return false
	default:
		return true
	}
}

// String tells what it chooses, for the audit log; "" if that is all.
func (f letterFilter) String() string {
	var parts []string
	label := func(name, value string) { parts = append(parts, fmt.Sprintf("%s=%s", name, value)) }
	add := func(name, value string) {
		if value != "" {
			label(name, value)
		}
	}
	add("id", strings.Join(f.GetIds(), ","))
	add("id_prefix", f.GetIdPrefix())
	add("method", f.GetMethod())
	add("plugin", f.GetPlugin())
	add("code", strings.Join(f.GetCodes(), ","))
	for _, key := range slices.Sorted(maps.Keys(f.GetLabels())) {
		label("label."+key, f.GetLabels()[key])
	}
	if !f.since.IsZero() {
		add("since", f.since.UTC().Format(time.RFC3339))
	}
	if !f.until.IsZero() {
		add("until", f.until.UTC().Format(time.RFC3339))
	}
	return strings.Join(parts, " ")
}
