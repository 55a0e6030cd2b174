//go:build !linux

package sandbox

func defaultThreads() int { return Unlimited }
