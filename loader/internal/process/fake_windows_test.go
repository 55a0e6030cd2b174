package process_test

import (
	"fmt"
	"os"
)

// die ends the process in one of the ways that libraries find.
func die(how string) {
	switch how {
	case "go panic":
		go func() { panic("in a goroutine") }()
	default:
		os.Exit(3)
	}
}

// printEverywhere writes where a library would.
func printEverywhere(text string) {
	fmt.Println(text) //nolint:forbidigo // what a library prints must not reach the parent as frames
	fmt.Fprintln(os.Stderr, text)
}
