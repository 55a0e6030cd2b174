package task_test

import (
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/task"
)

// Functions named as users name theirs.
func ProcessPersonMap() {}
func HTTPGet()          {}
func GetURLOfID()       {}
func Sum2()             {}
func Get2Items()        {}
func already_snake()    {} //nolint:revive,staticcheck // the name of a task is made of any Go name

func Generic[T any](T) {}

type service struct{ Name string }

func (service) Method() {}

func TestNames(t *testing.T) {
	tests := map[string]any{
		"process_person_map": ProcessPersonMap,
		"http_get":           HTTPGet,
		"get_url_of_id":      GetURLOfID,
		"sum2":               Sum2,
		"get2_items":         Get2Items,
		"already_snake":      already_snake,
	}
	for want, fn := range tests {
		made, err := task.NewSync(fn)
		if err != nil || made.Name != want {
			t.Errorf("got %v, %v, want %s", made, err, want)
		}
	}
	for name, fn := range map[string]any{
		"a closure":                   func() {},
		"a method value":              service{}.Method,
		"a method as a function":      service.Method,
		"an instance of a generic":    Generic[int],
		"another one":                 Generic[map[string]int],
		"what a closure leads to":     func() func() { return func() {} }(),
		"a bound method of a pointer": (&service{}).Method,
	} {
		if _, err := task.NewSync(fn); err == nil || !strings.Contains(err.Error(), "give it one with task.Name") {
			t.Errorf("%s: %v", name, err)
		}
		if made, err := task.NewSync(fn, task.Name("named")); err != nil || made.Name != "named" {
			t.Errorf("%s with a name: %v", name, err)
		}
	}
}
