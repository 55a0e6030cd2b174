package report

import (
	"fmt"
	"os"
	"strings"
)

// Replace puts text between the two lines of a document that stand around what
// this program has made under that name.
func Replace(file, name, text string) error {
	old, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	begin := fmt.Sprintf("<!-- made by: cd bench && go run . -write %s -->\n", name)
	end := fmt.Sprintf("<!-- end of %s -->\n", name)
	before, rest, ok := strings.Cut(string(old), begin)
	_, after, also := strings.Cut(rest, end)
	if !ok || !also {
		return fmt.Errorf("%s has no place for tables: it needs the lines %q and %q", file, begin, end)
	}
	made := before + begin + "\n" + strings.TrimSpace(text) + "\n\n" + end + after
	return os.WriteFile(file, []byte(made), 0o644) //nolint:gosec // a document is for everybody
}
