package budget_test

import (
	"math"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/taskscheduler/taskscheduler/internal/budget"
)

func TestSharesFitWhateverThereIs(t *testing.T) {
	for _, available := range []int64{150 << 20, 256 << 20, 1 << 30, 64 << 30, math.MaxInt64} {
		shares := budget.Share(available, 45, 1<<30) + budget.Share(available, 45, 1<<30) + budget.Share(available, 10, 256<<20)
		if err := budget.Check(available, shares); err != nil {
			t.Errorf("with %d MiB the defaults %v", available>>20, err)
		}
		if shares <= 0 {
			t.Errorf("with %d MiB there is nothing", available>>20)
		}
	}
	if share := budget.Share(64<<30, 45, 1<<30); share != 1<<30 {
		t.Errorf("a large machine gives %d, want the most", share)
	}
}

func TestWhatDoesNotFitIsRefused(t *testing.T) {
	err := budget.Check(1<<30, 1<<30)
	if err == nil || !strings.Contains(err.Error(), "there are 1024 MiB") {
		t.Errorf("1 GiB of budgets in 1 GiB of memory: %v", err)
	}
	if err := budget.Check(math.MaxInt64, math.MaxInt64); err != nil {
		t.Errorf("where nobody knows how much there is: %v", err)
	}
}

func TestTheMemoryLimitSaysWhatThereIs(t *testing.T) {
	before := debug.SetMemoryLimit(300 << 20)
	defer debug.SetMemoryLimit(before)
	if available := budget.Available(); available != 300<<20 {
		t.Errorf("got %d", available)
	}
}
