//go:build !linux

package machine

import (
	"errors"
	"os/exec"
	"time"
)

// Cores is known on Linux alone.
func Cores() []int { return nil }

// Pin is for Linux alone.
func Pin([]int) error { return errors.New("processes are kept to cores on Linux alone") }

// Start starts a command.
func Start(command *exec.Cmd, _ []int) error { return command.Start() }

// Time is known on Linux alone.
func Time(int) time.Duration { return 0 }

// OwnTime is known on Linux alone.
func OwnTime() time.Duration { return 0 }

// Memory is known on Linux alone.
func Memory(int) int64 { return 0 }

func processor() string { return "" }

func shared([]int) bool { return false }
