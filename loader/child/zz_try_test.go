package child_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/host"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestTry(t *testing.T) {
	slog.SetLogLoggerLevel(slog.LevelDebug)
	for _, f := range []string{"libgop.so", "librsp.so"} {
		began := time.Now()
		p, err := host.Start(t.Context(), host.Config{Name: f, Path: "/tmp/hostscratch/" + f, LoadTimeout: 30 * time.Second})
		if err != nil {
			t.Error(err)
			continue
		}
		t.Log(time.Since(began), p.Notes(), p.Tasks())
		var all sync.WaitGroup
		for range 16 {
			all.Go(func() {
				for range 20000 {
					v, err := p.Call(t.Context(), 0, host.CallInfo{}, []task.Value{task.Int32(6), task.Int32(7)})
					if i, _ := v.Int64(); err != nil || i != 42 {
						t.Error(v, err)
						return
					}
				}
			})
		}
		all.Wait()
		began = time.Now()
		v, err := p.Call(t.Context(), 1, host.CallInfo{}, []task.Value{task.String("x"), task.Int32(50)})
		t.Log(v, err, time.Since(began), p.Memory()>>20)
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		v, err = p.Call(ctx, 1, host.CallInfo{}, []task.Value{task.String("x"), task.Int32(60000)})
		cancel()
		t.Log(v, err, time.Since(began))
		p.Close(t.Context())
		t.Log(p.ExitError())
	}
}
