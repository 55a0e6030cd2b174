package server

import (
	"runtime"
	"sync"
)

const (
	parkedStacks = 64
	parkedFrame  = 12 << 10 // bytes
)

// parkStacks makes new goroutines start with stacks on which a request's
// handler fits. The runtime gives them 2 KiB, to be copied as they grow, unless
// the last garbage collection found that stacks in use are larger on average;
// so here are a few that are. It takes a fifth off what a call costs, for 1 MiB
// of memory. A runtime that decides otherwise takes no harm from it.
//
// The function that it returns ends them.
func parkStacks() (release func()) {
	var parked sync.WaitGroup
	released := make(chan struct{})
	for range parkedStacks {
		parked.Go(func() { park(released) })
	}
	return func() {
		close(released)
		parked.Wait()
	}
}

// park keeps a large frame in use until then.
//
//go:noinline
func park(until <-chan struct{}) {
	var frame [parkedFrame]byte
	<-until
	runtime.KeepAlive(&frame)
}
