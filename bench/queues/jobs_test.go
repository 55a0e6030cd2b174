package queues

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/hibiken/asynq"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"
)

// jobWorkers is how many jobs a job queue may have at work.
const jobWorkers = 1000

// nothing is a job for River.
type nothing struct{ Payload string }

func (nothing) Kind() string { return "nothing" }

type nothingWorker struct {
	river.WorkerDefaults[nothing]

	done *sync.WaitGroup
}

func (w *nothingWorker) Work(context.Context, *river.Job[nothing]) error {
	w.done.Done()
	return nil
}

// benchmarkRiver inserts jobs into a PostgreSQL of their own, one by one and a thousand
// at a time, and waits until all are worked and marked as completed.
func benchmarkRiver(b *testing.B) {
	b.Helper()
	ctx := b.Context()
	pool, err := pgxpool.New(ctx, startPostgres(b))
	if err != nil {
		b.Fatal(err)
	}
	defer pool.Close()
	driver := riverpgxv5.New(pool)
	logger := slog.New(slog.DiscardHandler)
	migrator, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: logger})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		b.Fatal(err)
	}
	insert := func(b *testing.B, insert func(*river.Client[pgx.Tx])) {
		b.Helper()
		var done sync.WaitGroup
		workers := river.NewWorkers()
		river.AddWorker(workers, &nothingWorker{done: &done})
		client, err := river.NewClient(driver, &river.Config{
			Queues:  map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: jobWorkers}},
			Workers: workers, Logger: logger,
			FetchCooldown: 2 * time.Millisecond, // its default would bound it to 10,000 jobs a second
		})
		if err != nil {
			b.Fatal(err)
		}
		if err := client.Start(ctx); err != nil {
			b.Fatal(err)
		}
		done.Add(b.N)
		b.ResetTimer()
		insert(client)
		if !b.Failed() {
			done.Wait()
		}
		if err := client.Stop(ctx); err != nil { // it marks what is done
			b.Fatal(err)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
	}
	b.Run("jobs", func(b *testing.B) {
		insert(b, func(client *river.Client[pgx.Tx]) {
			b.SetParallelism(jobCallers)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					if _, err := client.Insert(ctx, nothing{payload}, nil); err != nil {
						b.Error(err)
						return
					}
				}
			})
		})
	})
	b.Run("thousands", func(b *testing.B) {
		insert(b, func(client *river.Client[pgx.Tx]) {
			const batch = 1000
			for left := b.N; left > 0; left -= batch {
				jobs := make([]river.InsertManyParams, min(left, batch))
				for i := range jobs {
					jobs[i].Args = nothing{payload}
				}
				if _, err := client.InsertManyFast(ctx, jobs); err != nil {
					b.Fatal(err)
				}
			}
		})
	})
}

// benchmarkAsynq puts jobs into a Redis of their own, which keeps them in memory
// only, and waits until all are worked.
func benchmarkAsynq(b *testing.B) {
	b.Helper()
	redis := asynq.RedisClientOpt{Network: "unix", Addr: startRedis(b)}
	b.Run("jobs", func(b *testing.B) {
		client := asynq.NewClient(redis)
		defer client.Close()
		var done sync.WaitGroup
		server := asynq.NewServer(redis, asynq.Config{
			Concurrency: jobWorkers, Logger: silence{},
			TaskCheckInterval: 10 * time.Millisecond, // how soon it looks again at an empty queue: 1 s by default
		})
		err := server.Start(asynq.HandlerFunc(func(context.Context, *asynq.Task) error {
			done.Done()
			return nil
		}))
		if err != nil {
			b.Fatal(err)
		}
		done.Add(b.N)
		b.SetParallelism(jobCallers)
		b.ResetTimer()
		b.RunParallel(func(p *testing.PB) {
			for p.Next() {
				if _, err := client.Enqueue(asynq.NewTask("nothing", []byte(payload))); err != nil {
					b.Error(err)
					return
				}
			}
		})
		if !b.Failed() {
			done.Wait()
		}
		b.StopTimer() // Shutdown takes a second whatever is left
		server.Shutdown()
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
	})
}

// silence is a logger for asynq.
type silence struct{}

func (silence) Debug(...any) {}
func (silence) Info(...any)  {}
func (silence) Warn(...any)  {}
func (silence) Error(...any) {}
func (silence) Fatal(...any) {}
