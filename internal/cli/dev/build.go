package dev

import (
	"context"
	"io"
	"os/exec"
	"runtime"
	"time"
)

// endGrace is how long what a build has started may hold its output open after
// it has been told to end.
const endGrace = 2 * time.Second

// runBuild runs a command of the shell's in a folder. When ctx ends, it ends with all
// that it has started. It gets no input.
func runBuild(ctx context.Context, folder, script string, out io.Writer) error {
	shell, flag := "sh", "-c"
	if runtime.GOOS == "windows" {
		shell, flag = "cmd", "/C"
	}
	command := exec.CommandContext(ctx, shell, flag, script)
	command.Dir = folder
	command.Stdout, command.Stderr = out, out
	command.WaitDelay = endGrace
	groupWithChildren(command)
	return command.Run()
}
