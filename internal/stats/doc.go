// Package stats knows what a server has been doing: the executions that
// ended lately, statistics of each method since the start, and a feed of events
// for those who watch. Everything in it is bounded.
//
// The hot path is [History.Ended], once for each task. Those who read take its
// lock for a few microseconds at a time, however much they read.
package stats
