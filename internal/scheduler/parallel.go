package scheduler

import "sync"

// restorers is how many tasks are restored at a time: for each the store is asked.
const restorers = 32

// inParallel calls f for the items, for some at a time. After an error, which it
// returns, it begins with no more.
func inParallel[T any](items []T, f func(*T) error) (err error) {
	var mu sync.Mutex
	next := 0
	take := func(failure error) *T {
		mu.Lock()
		defer mu.Unlock()
		if err == nil {
			err = failure
		}
		if err != nil || next == len(items) {
			return nil
		}
		next++
		return &items[next-1]
	}
	var all sync.WaitGroup
	for range min(restorers, len(items)) {
		all.Go(func() {
			for item := take(nil); item != nil; {
				item = take(f(item))
			}
		})
	}
	all.Wait()
	return err
}
