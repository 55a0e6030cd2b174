package members

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/nats-io/nats.go"
)

const (
	// format is that of all that nodes tell each other and keep together: entries,
	// logs, claims and outcomes, calls. What a version before passes over, such as
	// one more field, doesn't raise it.
	format = 1
	// oldest is the oldest format of nodes that this version works together with.
	oldest = 1
)

// everybody is an epoch that is later than any node's.
const everybody = math.MaxUint64

// checkFormats says why this version can't work together with a node whose epoch is
// earlier than the given one.
func (m *Members) checkFormats(ctx context.Context, epoch uint64) error {
	subjects, err := m.config.Stream.Subjects(ctx, m.config.JS, m.config.Subject+"*")
	if err != nil {
		return fmt.Errorf("the list of nodes: %w", err)
	}
	for _, subject := range subjects {
		message, err := m.config.Stream.Last(ctx, subject)
		if err != nil {
			return err
		}
		e, err := readEntry(message)
		switch {
		case err != nil:
			return err
		case e.ID == "" || e.Epoch >= epoch:
			continue
		}
		if err := m.checkFormat(ctx, &e); err != nil {
			return err
		}
	}
	return nil
}

// checkFormat says why this version can't work together with a node. What one that is
// gone has left must be read; that it couldn't read this one's is nothing to it.
func (m *Members) checkFormat(ctx context.Context, e *entry) error {
	version := cmp.Or(e.Version, "of no number")
	switch theirs := max(e.Format, 1); { // the first version told none
	case format < e.Oldest:
		return fmt.Errorf("node %q of version %s works with versions of format %d or later, and this one is of format %d: use a newer version here",
			e.ID, version, e.Oldest, format)
	case theirs >= oldest || e.Left || !m.answers(ctx, e.ID):
		return nil
	default:
		return fmt.Errorf("node %q of version %s is of format %d, and this version works with formats from %d on: "+
			"use a version between on every node first, or stop all nodes before this one starts", e.ID, version, theirs, oldest)
	}
}

// answers tells whether a node says that it lives, or could say so.
func (m *Members) answers(ctx context.Context, node string) bool {
	ctx, cancel := context.WithTimeout(ctx, aliveTimeout)
	defer cancel()
	_, err := m.config.Stream.Conn.RequestWithContext(ctx, m.aliveSubject(node), nil)
	return !errors.Is(err, nats.ErrNoResponders)
}
