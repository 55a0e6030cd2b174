package guard

import (
	"os"
	"slices"
	"testing"

	"github.com/taskscheduler/taskscheduler/loader"
)

func TestMain(m *testing.M) {
	loader.BecomePlugin()
	os.Exit(m.Run())
}

// recorded are the ratios when they were last looked at, this project's figure to
// the other's. One that has become better for good is written down here, and so
// is one that has become worse for a reason.
var recorded = map[string]float64{
	"whole call, processor time": 0.46,
	"whole call, allocations":    0.115,
	"engine, processor time":     1.95,
	"engine, allocations":        0.40,
}

const (
	// tolerated is how much worse a ratio may be.
	tolerated = 4. / 3
	// rounds is how many there are at first, moreRounds how many at most.
	rounds, moreRounds = 5, 30
)

// compare fails if the median ratio of own to other is worse than tolerated.
func compare(t *testing.T, name string, own, other func() float64) {
	t.Helper()
	limit := recorded[name] * tolerated
	var ratios []float64
	ratio := 0.
	for len(ratios) < rounds || ratio > limit && len(ratios) < moreRounds {
		ratios = append(ratios, own()/other())
		sorted := slices.Sorted(slices.Values(ratios))
		ratio = sorted[len(sorted)/2]
	}
	t.Logf("%s: %.3f of the other's, recorded %.3f, at most %.3f, %d rounds", name, ratio, recorded[name], limit, len(ratios))
	if ratio > limit {
		t.Errorf("%s: %.3f times the other's; it was %.3f, and more than %.3f is too much. Ratios: %.3f",
			name, ratio, recorded[name], limit, ratios)
	}
}
