package process

import "testing"

func TestThreadPool(t *testing.T) {
	pool := &threadPool{most: 10, counts: map[*threadCount]bool{}}
	running := map[string]int{}
	process := func(name string, most int) *threadCount {
		c := &threadCount{most: most, count: func() int { return running[name] }}
		pool.add(c)
		return c
	}
	start := func(name string, c *threadCount) (started int) {
		for pool.admit(c) {
			running[name]++
			started++
		}
		return started
	}
	first, second := process("first", 8), process("second", 8)
	if n := start("first", first); n != 8 {
		t.Errorf("the first started %d, want its limit of 8", n)
	}
	if n := start("second", second); n != 2 {
		t.Errorf("the second started %d, want the 2 that are left", n)
	}
	running["first"] = 3 // they have ended
	if n := start("second", second); n != 5 {
		t.Errorf("the second started %d, want 5 more", n)
	}
	running["first"] = 0 // that can't be seen
	if n := start("first", first); n != 0 {
		t.Errorf("the first started %d, though nobody knows how many it has", n)
	}
	running["first"] = 3
	pool.remove(second) // its process is gone
	if n := start("first", first); n != 5 {
		t.Errorf("the first started %d, want 5 more", n)
	}
}
