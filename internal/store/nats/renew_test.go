package nats_test

import (
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/store"
	"github.com/taskscheduler/taskscheduler/internal/store/nats/natstest"
)

// TestAClaimLastsAsLongAsItsTask, though outcomes are dropped sooner: by their age, and
// for want of room.
func TestAClaimLastsAsLongAsItsTask(t *testing.T) {
	cluster := natstest.Start(t, 1, large)
	config := outside(cluster, "p", "a")
	config.TTL, config.Capacity = 2*time.Second, 100
	a := open(t, config)
	config.Node = "b"
	b := open(t, config)
	if c, err := a.Claims().Claim(t.Context(), "long"); err != nil || !c.Mine {
		t.Fatalf("%+v, %v", c, err)
	}
	if _, err := a.Results().Create(t.Context(), "first", store.Outcome{State: store.Succeeded}); err != nil {
		t.Fatal(err)
	}
	for ended := true; ended; { // until that is forgotten
		var err error
		if _, ended, err = b.Results().Get(t.Context(), "first"); err != nil {
			t.Fatal(err)
		}
	}
	if c, err := b.Claims().Claim(t.Context(), "long"); err != nil || c.Holder != "a" {
		t.Errorf("%+v, %v", c, err)
	}
	if err := a.Claims().Release(t.Context(), "long"); err != nil {
		t.Fatal(err)
	}
	if c, err := b.Claims().Claim(t.Context(), "long"); err != nil || !c.Mine {
		t.Errorf("%+v, %v", c, err)
	}
}
