package admin_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/client/admin"
)

func TestDurationsAreSecondsInJSON(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{0: "0", time.Microsecond: "0.000001", 90 * time.Second: "90", -time.Second / 2: "-0.5"} {
		text, err := json.Marshal(admin.Duration{Duration: d})
		var read admin.Duration
		if err == nil {
			err = json.Unmarshal(text, &read)
		}
		if err != nil || string(text) != want || read.Duration != d {
			t.Errorf("%v: %s, read as %v, %v; want %s", d, text, read, err, want)
		}
	}
	if err := json.Unmarshal([]byte(`"soon"`), new(admin.Duration)); err == nil {
		t.Error("a word is taken for a number of seconds")
	}
}
