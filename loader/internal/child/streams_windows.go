package child

import (
	"os"

	"golang.org/x/sys/windows"
)

// takeStreams keeps the standard input and output from the library: a C runtime
// that starts later finds standard error, and nothing to read.
func takeStreams() (in, out *os.File, err error) {
	in, out = os.Stdin, os.Stdout
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return nil, nil, err
	}
	os.Stdin, os.Stdout = null, os.Stderr
	if err := windows.SetStdHandle(windows.STD_INPUT_HANDLE, windows.Handle(null.Fd())); err != nil {
		return nil, nil, os.NewSyscallError("SetStdHandle", err)
	}
	err = windows.SetStdHandle(windows.STD_OUTPUT_HANDLE, windows.Handle(os.Stderr.Fd()))
	return in, out, os.NewSyscallError("SetStdHandle", err)
}

func widenPipe(*os.File) {}
