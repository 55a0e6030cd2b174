package table

import (
	"fmt"
	"math"
	"time"
)

// Duration returns a time span with three digits or four: 1.23ms, 12.3s, 3h4m;
// nobody reads more.
func Duration(d time.Duration) string {
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

// Size returns a number of bytes with three digits and a unit.
func Size(bytes uint64) string {
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

// Time returns a time of the user's clock, a dash for none.
func Time(moment time.Time) string {
	if moment.IsZero() {
		return "-"
	}
	return moment.Local().Format(time.DateTime) //nolint:gosmopolitan // the user's own clock
}
