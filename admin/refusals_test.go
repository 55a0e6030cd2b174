package admin

import (
	"fmt"
	"testing"
	"time"
)

func TestRefusalsAreAuditedOnceAMinute(t *testing.T) {
	var r refusals
	now := time.Now()
	told := func(of refusal, after time.Duration) string {
		return fmt.Sprint(r.count(of, now.Add(after)))
	}
	vera := refusal{"token vera", "Drain"}
	for i, want := range []string{"0 true", "0 false", "0 false"} {
		if got := told(vera, 0); got != want {
			t.Errorf("refusal %d: %s, want %s", i+1, got, want)
		}
	}
	if got := told(refusal{"token vera", "Resume"}, 0); got != "0 true" {
		t.Errorf("by another rpc: %s", got)
	}
	if got := told(refusal{"token otto", "Drain"}, 0); got != "0 true" {
		t.Errorf("of somebody else: %s", got)
	}
	if got := told(vera, refusalInterval); got != "2 true" {
		t.Errorf("a minute later: %s, want those in between with it", got)
	}
	for i := range 2 * maxRefusals {
		told(refusal{fmt.Sprint(i), "Drain"}, refusalInterval)
	}
	if len(r.last) > maxRefusals {
		t.Errorf("%d are remembered", len(r.last))
	}
	if got := told(refusal{"new", "Drain"}, 3*refusalInterval); got != "0 true" {
		t.Errorf("once the others are old: %s", got)
	}
}

func TestActionsAreCalledAsTheAuditDoes(t *testing.T) {
	for rpc, want := range map[string]string{"Drain": "drain", "SetLogLevel": "set log level", "UndropDeadLetters": "undrop dead letters"} {
		if got := actionOf(rpc); got != want {
			t.Errorf("%s is %q, want %q", rpc, got, want)
		}
	}
}
