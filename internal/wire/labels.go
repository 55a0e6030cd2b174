package wire

import (
	"strings"
	"unicode"

	"github.com/taskscheduler/taskscheduler/task"
)

// How many labels a task may have, and how many bytes a key and a value of one,
// by the contract.
const (
	MaxLabels     = 16
	maxLabelKey   = 64
	maxLabelValue = 256
)

// addLabel gives the request a label, unless that makes it one to be refused.
func (r *TaskRequest) addLabel(key, value string) {
	if err := checkLabel(key, value); err != nil {
		r.refuse(err)
		return
	}
	if r.Labels == nil {
		r.Labels = make(map[string]string)
	}
	r.Labels[key] = value
}

// checkLabel refuses a label that can't be kept, or not be shown in a line.
func checkLabel(key, value string) error {
	switch {
	case key == "":
		return task.Errorf(task.InvalidArgument, "labels: a key is empty")
	case len(key) > maxLabelKey:
		return task.Errorf(task.InvalidArgument, "labels: a key has %d bytes; at most %d", len(key), maxLabelKey)
	case len(value) > maxLabelValue:
		return task.Errorf(task.InvalidArgument, "labels: the value of %q has %d bytes; at most %d",
			key, len(value), maxLabelValue)
	case strings.ContainsFunc(key, unicode.IsControl), strings.ContainsFunc(value, unicode.IsControl):
		return task.Errorf(task.InvalidArgument, "labels: %q has a control character", key)
	}
	return nil
}
