//go:build !linux

package process_test

func try(string, string) string { return "not here" }

func beParent() {}
