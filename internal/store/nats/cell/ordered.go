package cell

import (
	"context"
	"fmt"

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
