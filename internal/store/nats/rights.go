package nats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/taskscheduler/taskscheduler/internal/pause"
)

// awaitJetStream waits until the servers outside have JetStream for this node. What
// waiting doesn't help against is an error.
func (e *Engine) awaitJetStream(ctx context.Context) error {
	until := time.Now().Add(callTimeout)
	for said := time.Now(); ; {
		once, cancel := context.WithTimeout(ctx, time.Second)
		_, err := e.js.AccountInfo(once)
		cancel()
		switch {
		case err == nil:
			return nil
		case errors.Is(err, jetstream.ErrJetStreamNotEnabledForAccount):
			return errors.New("this user's account has no JetStream: allow it there")
		case errors.Is(err, jetstream.ErrJetStreamNotEnabled) && time.Now().After(until):
			return errors.New("they have no JetStream: start them with it (nats-server -js)")
		case e.denied.Load() != nil:
			return e.orDenied(err)
		case time.Since(said) > sayEvery:
			said = time.Now()
			e.config.Logger.Warn("waiting for JetStream: its servers may be starting, or too few of them are there", "error", err)
		}
		if err := pause.For(ctx, makePause); err != nil {
			return err
		}
	}
}

// orDenied says what this node's user may not do if that is why something failed.
func (e *Engine) orDenied(err error) error {
	denied := e.denied.Load()
	if denied == nil || err == nil {
		return err
	}
	return fmt.Errorf("this node's user may not do what is needed (%w): allow it %s>, $JS.API.> and %s>",
		*denied, e.names.prefix, nats.InboxPrefix)
}
