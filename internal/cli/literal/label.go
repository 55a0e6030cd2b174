package literal

import (
	"errors"
	"strings"
)

// A Label is a label as a flag has it.
type Label struct{ Key, Value string }

// UnmarshalText reads a label: "team=a". The value may have more equals signs in it.
func (l *Label) UnmarshalText(text []byte) error {
	key, value, ok := strings.Cut(string(text), "=")
	if !ok || key == "" {
		return errors.New("want a label as key=value, such as team=a")
	}
	l.Key, l.Value = key, value
	return nil
}

// Labels returns labels as a task has them; of one key the last.
func Labels(list []Label) map[string]string {
	if len(list) == 0 {
		return nil
	}
	labels := make(map[string]string, len(list))
	for _, l := range list {
		labels[l.Key] = l.Value
	}
	return labels
}
