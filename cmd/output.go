package cmd

import (
	"fmt"
	"io"

	"github.com/taskscheduler/taskscheduler/internal/cli/table"
)

// output is where commands read and print; tests have their own.
type output struct {
	stdin          io.Reader
	stdout, stderr io.Writer
}

// line prints text and a line break on standard output.
func (o *output) line(text string) error {
	_, err := fmt.Fprintln(o.stdout, text)
	return err
}

// json prints v on standard output as one line.
func (o *output) json(v any) error {
	return table.JSON(o.stdout, v)
}
