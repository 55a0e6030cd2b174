package scheduler

import (
	"fmt"
	"sync"
	"testing"
)

// TestACallerHasOneAccount: while somebody uses an account, all who come in the
// same name get that one, although others are forgotten meanwhile.
func TestACallerHasOneAccount(t *testing.T) {
	var all accounts
	all.init()
	var callers sync.WaitGroup
	for caller := range 4 {
		callers.Go(func() {
			for i := range 20_000 {
				once := all.open(fmt.Sprintf("%d/%d", caller, i)) // so that there are some to forget
				name := fmt.Sprint(i % 3)
				first := all.open(name)
				if second := all.open(name); second != first {
					t.Errorf("%q has two accounts", name)
				} else {
					second.close()
				}
				first.close()
				once.close()
			}
		})
	}
	callers.Wait()
	kept := 0
	for i := range all.shards {
		kept += len(all.shards[i].byName)
		for name, a := range all.shards[i].byName {
			if users := a.users.Load(); users != 0 {
				t.Errorf("%q has %d users", name, users)
			}
		}
	}
	if most := len(all.shards) * (idleAccounts + 1); kept > most {
		t.Errorf("%d accounts are kept, want %d at most", kept, most)
	}
}
