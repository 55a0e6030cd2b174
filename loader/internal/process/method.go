package process

import (
	"fmt"
	"regexp"

	"github.com/taskscheduler/taskscheduler/internal/signature"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// A method is a task as its callers know it.
type method struct {
	name      string               // "plugin::task"
	signature *signature.Signature // nil: nothing is known
}

// check returns arguments as the signature asks for them, or an error that says
// what it asks for.
func (m *method) check(args []task.Value) ([]task.Value, error) {
	if m.signature == nil {
		return args, nil
	}
	return m.signature.Check(m.name, args)
}

var taskName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// methods returns a plugin's methods, and has its tasks' signatures spaced as
// usual. An error says which name is not valid, or there twice, or which signature
// is malformed.
func methods(plugin string, tasks []library.TaskInfo) ([]method, error) {
	seen := make(map[string]bool, len(tasks))
	found := make([]method, len(tasks))
	for i := range tasks {
		info := &tasks[i]
		switch name := info.Name; {
		case len(name) > task.MaxNameLength || !taskName.MatchString(name):
			return nil, fmt.Errorf("a task is called %.64q; want letters, digits and '_', and no digit first", name)
		case seen[name]:
			return nil, fmt.Errorf("two tasks are called %q", name)
		}
		seen[info.Name] = true
		found[i].name = plugin + "::" + info.Name
		if info.Signature == "" {
			continue
		}
		var err error
		if found[i].signature, err = signature.Parse(info.Signature); err != nil {
			return nil, fmt.Errorf("%s's signature is malformed: %w", info.Name, err)
		}
		info.Signature = found[i].signature.String()
	}
	return found, nil
}
