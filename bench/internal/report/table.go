// Package report makes tables in Markdown and pictures in SVG.
package report

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// A Table has a line of heads and lines of cells. The first column is text, the
// others are numbers, which stand to the right.
type Table struct {
	heads []string
	lines [][]string
}

// NewTable returns a table with these heads.
func NewTable(heads ...string) *Table { return &Table{heads: heads} }

// Add adds a line.
func (t *Table) Add(cells ...string) { t.lines = append(t.lines, cells) }

// String returns the table in Markdown, which reads well as it is.
func (t *Table) String() string {
	widths := make([]int, len(t.heads))
	for _, line := range append([][]string{t.heads}, t.lines...) {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell), 3)
		}
	}
	var b strings.Builder
	write := func(line []string) {
		for i, cell := range line {
			space := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				fmt.Fprintf(&b, "| %s%s |", cell, space)
			} else {
				fmt.Fprintf(&b, " %s%s |", space, cell)
			}
		}
		b.WriteByte('\n')
	}
	write(t.heads)
	rule := make([]string, len(widths))
	for i, width := range widths {
		rule[i] = strings.Repeat("-", width)
		if i > 0 {
			rule[i] = rule[i][1:] + ":"
		}
	}
	write(rule)
	for _, line := range t.lines {
		write(line)
	}
	return b.String()
}

// Rate writes tasks a second.
func Rate(r float64) string {
	switch {
	case r >= 99_500:
		return fmt.Sprintf("%.0fk", r/1e3)
	case r >= 1000:
		return fmt.Sprintf("%.1fk", r/1e3)
	default:
		return fmt.Sprintf("%.0f", r)
	}
}

// Micros writes a duration in microseconds, with three digits that count.
func Micros(d time.Duration) string {
	micros := float64(d.Nanoseconds()) / 1e3
	switch {
	case micros >= 99.5:
		return fmt.Sprintf("%.0f µs", micros)
	case micros >= 9.95:
		return fmt.Sprintf("%.1f µs", micros)
	default:
		return fmt.Sprintf("%.2f µs", micros)
	}
}

// Megabytes writes a size.
func Megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }

// Ratio writes how many times one figure is another.
func Ratio(r float64) string { return fmt.Sprintf("%.2f", r) }
