// Package stats knows what a server has been doing: the executions that
// ended lately, figures for each method since the start, and a feed of events
// for those who watch. Everything in it is bounded.
//
// The hot path is [Recorder.Ended], once for each task: about a hundred
// nanoseconds and no allocation. Those who read take its lock for a few
// microseconds at a time, however much they read.
package stats
