// Package table prints what a server tells: rows of aligned columns for
// people, JSON for programs. What comes from elsewhere can't steer the terminal.
package table

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// A Table prints rows of aligned columns.
type Table struct {
	columns *tabwriter.Writer
	w       io.Writer
	below   []string
}

// New returns a table that Flush prints to w.
func New(w io.Writer) *Table {
	return &Table{columns: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0), w: w}
}

// Row adds a row. Each cell is printed on one line.
func (t *Table) Row(cells ...any) {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		texts[i] = Line(fmt.Sprint(cell))
	}
	fmt.Fprintln(t.columns, strings.Join(texts, "\t"))
}

// Below adds a line below the rows.
func (t *Table) Below(line string) { t.below = append(t.below, Line(line)) }

// Flush prints it all.
func (t *Table) Flush() error {
	err := t.columns.Flush()
	for _, line := range t.below {
		if err == nil {
			_, err = fmt.Fprintln(t.w, line)
		}
	}
	return err
}

// JSON prints v as one line.
func JSON(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}
