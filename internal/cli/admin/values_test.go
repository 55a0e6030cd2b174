package admin

import (
	"testing"
	"time"
)

func TestMoments(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Time{
		"2026-01-02T03:04:05Z":      time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC),
		"2026-01-02T03:04:05+02:00": time.Date(2026, 1, 2, 1, 4, 5, 0, time.UTC),
		"2026-01-02 03:04:05":       time.Date(2026, 1, 2, 3, 4, 5, 0, time.Local),
		"2026-01-02":                time.Date(2026, 1, 2, 0, 0, 0, 0, time.Local),
	} {
		var got moment
		if err := got.UnmarshalText([]byte(text)); err != nil || !got.time.Equal(want) {
			t.Errorf("%s: got %v, %v, want %v", text, got.time, err, want)
		}
	}
	var ago moment
	if err := ago.UnmarshalText([]byte("90m")); err != nil || time.Since(ago.time).Round(time.Minute) != 90*time.Minute {
		t.Errorf("90m: got %v, %v", ago.time, err)
	}
	for _, text := range []string{"", "yesterday", "-5m", "12:30"} {
		if err := new(moment).UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is taken for a time", text)
		}
	}
}
