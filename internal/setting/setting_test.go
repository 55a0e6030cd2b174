package setting_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/setting"
)

type config struct {
	Addr    string        `name:"addr" default:"localhost:1"`
	Wait    time.Duration `name:"max-wait" default:"5m" type:"period"`
	Bytes   int64         `name:"bytes" default:"4KiB" type:"size"`
	Tasks   int           `name:"tasks" type:"limit"`
	Origins []string      `name:"origin"`
	Pause   time.Duration `default:"1s" type:"period"`
	Kind    string        `name:"kind" enum:"own,standard"`
	Own     func()
}

func TestFillLeavesWhatIsSet(t *testing.T) {
	c := config{Wait: time.Second}
	setting.Fill(&c)
	if c.Addr != "localhost:1" || c.Wait != time.Second || c.Bytes != 4096 || c.Tasks != 0 || c.Origins != nil || c.Pause != time.Second {
		t.Errorf("got %+v", c)
	}
}

func TestFillPanicsAboutAWrongDefault(t *testing.T) {
	defer func() {
		if text, _ := recover().(string); !strings.Contains(text, "Wait") {
			t.Errorf("the panic should name the field, got %q", text)
		}
	}()
	setting.Fill(&struct {
		Wait time.Duration `name:"max-wait" default:"5" type:"period"`
	}{})
}

func TestCheckNamesTheField(t *testing.T) {
	if err := setting.Check(&config{}); err != nil {
		t.Error(err)
	}
	err := setting.Check(&config{Wait: -1})
	if err == nil || !strings.HasPrefix(err.Error(), "negative Config.Wait:") {
		t.Errorf("got %v", err)
	}
	err = setting.Check(&config{Kind: "other"})
	if err == nil || err.Error() != `wrong Config.Kind "other": want own or standard` {
		t.Errorf("got %v", err)
	}
}

func TestAllShowsWhatIsDeclared(t *testing.T) {
	c := config{Wait: 90 * time.Second, Bytes: 1 << 10, Origins: []string{"a"}}
	var got []string
	for _, s := range setting.All(&c) {
		got = append(got, strings.Join([]string{s.Name, s.Field, s.Default, s.Value()}, " "))
	}
	want := []string{
		"addr Addr localhost:1 ", "max-wait Wait 5m 1m30s", "bytes Bytes 4KiB 1024", "tasks Tasks  0", "origin Origins  [a]", " Pause 1s 0s", "kind Kind  ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
