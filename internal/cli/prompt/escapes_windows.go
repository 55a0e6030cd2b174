package prompt

import (
	"os"

	"golang.org/x/sys/windows"
)

// showEscapes makes a console act on the escape sequences that move the cursor.
func showEscapes(console *os.File) error {
	handle := windows.Handle(console.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(handle, &mode); err != nil {
		return err
	}
	return windows.SetConsoleMode(handle, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING)
}
