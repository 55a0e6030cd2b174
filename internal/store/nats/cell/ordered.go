package cell

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/nats-io/nats.go/jetstream"
)

// Ordered returns what reads the stream in order. One of the servers keeps how far it
// is, and for minutes after its death that may be one that is gone, which never
// answers: then another is tried.
func (s *Stream) Ordered(
	ctx context.Context, js jetstream.JetStream, config jetstream.OrderedConsumerConfig,
) (c jetstream.Consumer, err error) {
	// The library's own tries have no end and heed no context: who reads begins anew.
	config.MaxResetAttempts = 1
	err = s.try(ctx, func(ctx context.Context) error {
		if c, err = js.OrderedConsumer(ctx, s.Name, config); err != nil {
			return fmt.Errorf("read: %w", err)
		}
		return nil
	})
	return c, err
}

// Subjects returns the subjects that have a message, of those that a filter takes.
func (s *Stream) Subjects(ctx context.Context, js jetstream.JetStream, filter string) (subjects []string, err error) {
	err = s.try(ctx, func(ctx context.Context) error {
		stream, err := js.Stream(ctx, s.Name)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		about, err := stream.Info(ctx, jetstream.WithSubjectFilter(filter))
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		subjects = slices.Sorted(maps.Keys(about.State.Subjects))
		return nil
	})
	return subjects, err
}
