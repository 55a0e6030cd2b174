package report

import (
	"fmt"
	"os"
	"strings"
)

// The lines of a document between these are made by a program.
const (
	begin = "<!-- made by: go run . -write, in bench -->\n"
	end   = "<!-- end of what is made -->\n"
)

// Replace puts text between the two marks of a document.
func Replace(file, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	before, rest, ok := strings.Cut(string(old), begin)
	_, after, also := strings.Cut(rest, end)
	if !ok || !also {
		return fmt.Errorf("%s has no place for tables: the lines %q and %q", file, begin, end)
	}
	return os.WriteFile(file, []byte(before+begin+"\n"+text+"\n"+end+after), 0o644) //nolint:gosec // a document is for everybody
}
