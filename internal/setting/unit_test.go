package setting_test

import (
	"math"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/setting"
)

func TestUnits(t *testing.T) {
	const refused = -1
	tests := []struct {
		unit setting.Unit
		text string
		want int64
	}{
		{setting.Count, "1", 1},
		{setting.Count, "2147483647", math.MaxInt32},
		{setting.Count, "0", refused},
		{setting.Count, "-1", refused},
		{setting.Count, "2147483648", refused},
		{setting.Count, "1e3", refused},
		{setting.Count, "", refused},

		{setting.Limit, "0", 0},
		{setting.Limit, "-1", refused},

		{setting.Period, "500ms", int64(500 * time.Millisecond)},
		{setting.Period, "1h30m", int64(90 * time.Minute)},
		{setting.Period, "0s", refused},
		{setting.Period, "-1s", refused},
		{setting.Period, "30", refused},

		{setting.Size, "65536", 65536},
		{setting.Size, "1B", 1},
		{setting.Size, "4MiB", 4 << 20},
		{setting.Size, "4 MiB", 4 << 20},
		{setting.Size, "64KB", 64000},
		{setting.Size, "8388607TiB", 8388607 << 40},
		{setting.Size, "8388608TiB", refused}, // 2^63
		{setting.Size, "0", refused},
		{setting.Size, "-4MiB", refused},
		{setting.Size, "4mib", refused},
		{setting.Size, "4  MiB", refused},
		{setting.Size, "1.5MiB", refused},
		{setting.Size, "MiB", refused},
		{setting.Size, "", refused},

		{setting.Text, "1", refused},
	}
	for _, test := range tests {
		got, err := test.unit.Parse(test.text)
		if test.want == refused {
			if err == nil {
				t.Errorf("%q is taken for a %s", test.text, test.unit)
			}
			continue
		}
		if err != nil || got != test.want {
			t.Errorf("%q as a %s is %d, %v; want %d", test.text, test.unit, got, err, test.want)
		}
		if again, err := test.unit.Parse(test.unit.Format(got)); err != nil || again != got {
			t.Errorf("%d as a %s is written as %q", got, test.unit, test.unit.Format(got))
		}
	}
}
