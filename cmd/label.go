package cmd

import "github.com/taskscheduler/taskscheduler/internal/cli/literal"

// label is one of a task's labels.
type label struct{ key, value string }

// UnmarshalText reads "key=value".
func (l *label) UnmarshalText(text []byte) (err error) {
	l.key, l.value, err = literal.Label(string(text))
	return err
}

// labelsOf returns labels as a task has them; of one key the last.
func labelsOf(list []label) map[string]string {
	if len(list) == 0 {
		return nil
	}
	labels := make(map[string]string, len(list))
	for _, l := range list {
		labels[l.key] = l.value
	}
	return labels
}
