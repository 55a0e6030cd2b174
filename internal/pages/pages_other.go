//go:build !linux

package pages

func forget(bool) {}
