package cmd

import (
	"fmt"
	"io"
	"math"
	"path"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/taskscheduler/taskscheduler/client/admin"
)

// table prints rows of aligned columns.
type table struct {
	columns *tabwriter.Writer
	w       io.Writer
	last    []string // lines below the rows
}

func newTable(w io.Writer) *table {
	return &table{columns: tabwriter.NewWriter(w, 0, 0, 2, ' ', 0), w: w}
}

// row adds a row. What its cells hold comes from elsewhere and must not steer
// the terminal.
func (t *table) row(cells ...any) {
	texts := make([]string, len(cells))
	for i, cell := range cells {
		texts[i] = printable(fmt.Sprint(cell))
	}
	fmt.Fprintln(t.columns, strings.Join(texts, "\t"))
}

// end adds a line below the rows.
func (t *table) end(line string) { t.last = append(t.last, printable(line)) }

// Flush prints it all.
func (t *table) Flush() error {
	err := t.columns.Flush()
	for _, line := range t.last {
		if err == nil {
			_, err = fmt.Fprintln(t.w, line)
		}
	}
	return err
}

func orDash(text string) string {
	if text == "" {
		return "-"
	}
	return text
}

// readableTime returns a time span with three digits or four: 1.23ms, 12.3s,
// 3h4m; nobody reads more.
func readableTime(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d >= day:
		return fmt.Sprintf("%dd%dh", d/day, d%day/time.Hour)
	case d >= time.Hour:
		return fmt.Sprintf("%dh%dm", d/time.Hour, d%time.Hour/time.Minute)
	case d >= time.Minute:
		return d.Round(time.Second).String()
	}
	digit := time.Duration(1)
	for digit*1000 <= d {
		digit *= 10
	}
	return d.Round(digit).String()
}

// readableSize returns a number of bytes with three digits and a unit.
func readableSize(bytes uint64) string {
	const step = 1024
	if bytes < step {
		return fmt.Sprintf("%d B", bytes)
	}
	value, unit := float64(bytes), 0
	for value >= 999.5 && unit < 6 {
		value /= step
		unit++
	}
	decimals := max(0, 2-int(math.Log10(value)))
	return fmt.Sprintf("%.*f %ciB", decimals, value, " KMGTPE"[unit])
}

// readableMoment returns a time of the user's clock.
func readableMoment(moment time.Time) string {
	if moment.IsZero() {
		return "-"
	}
	return moment.Local().Format(time.DateTime) //nolint:gosmopolitan // the user's own clock
}

// shortSource is a file and the folder that it is in, enough to know it by.
func shortSource(source string) string {
	if source == "" {
		return "-"
	}
	folder, file := path.Split(filepath.ToSlash(source))
	return path.Join(path.Base(folder), file)
}

// shorten cuts a text that would fill more than a line.
func shorten(text string) string {
	const most = 100
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}

// printEvent prints a line for people, and one before it when events were
// missed.
func printEvent(w io.Writer, e *admin.Event) error {
	what := e.Message
	if e.Plugin != "" {
		what = "plugin " + e.Plugin + ": " + what
	}
	if x := e.Execution; x != nil {
		what = fmt.Sprintf("%s %s %s after %s", x.Method, x.ID, x.State, readableTime(x.Duration))
		if x.Code != "" {
			what += ": " + failureText(*x)
		}
	}
	missed := ""
	if e.Missed > 0 {
		missed = fmt.Sprintf("(%d events missed)\n", e.Missed)
	}
	when := e.Time.Local().Format("15:04:05.000") //nolint:gosmopolitan // the user's own clock
	_, err := fmt.Fprintf(w, "%s%s  %-19s  %s\n", missed, when, printable(e.Kind), printable(what))
	return err
}
