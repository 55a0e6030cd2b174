package client

import (
	"context"
	"errors"
	"io"

	"github.com/taskscheduler/taskscheduler/client/internal/link"
	"github.com/taskscheduler/taskscheduler/task"
)

// submit sends a task, for whose answer it registers ended.
func (s *Stream) submit(ctx context.Context, t Task, ended func(Result, error)) (id string, err error) {
	request, err := t.request()
	if err != nil {
		return t.ID, failureOf(t.Method, t.ID, err)
	}
	id = request.GetTaskId()
	sequence, err := s.register(submitted{t.Method, id, ended})
	if err != nil {
		return id, failureOf(t.Method, id, err)
	}
	request.Sequence = sequence
	select {
	case s.requests <- request:
		return id, nil
	case <-ctx.Done():
		err = link.ContextError(ctx.Err())
	case <-s.closing:
		err = errClosed
	case <-s.broken:
		select {
		case <-s.closing:
			err = errClosed
		default:
			return id, nil // receive fails it, with the reason
		}
	}
	if _, mine := s.take(sequence); !mine {
		return id, nil // receive has failed it
	}
	return id, failureOf(t.Method, id, err)
}

// register makes an answer's sequence known, unless the stream is over.
func (s *Stream) register(of submitted) (sequence uint64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cause != nil {
		return 0, s.cause
	}
	s.last++
	s.waiting[s.last] = of
	return s.last, nil
}

// take returns whose answer that sequence is, once.
func (s *Stream) take(sequence uint64) (of submitted, waits bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of, waits = s.waiting[sequence]
	delete(s.waiting, sequence)
	return of, waits
}

// send sends what is submitted until the stream is over.
func (s *Stream) send(ctx context.Context) {
	defer close(s.broken)
	// The transport notices the end of ctx only when it has nothing to read here.
	// What goes wrong with this, and in the loop, receive learns.
	defer func() { _ = s.wire.CloseRequest() }()
	for {
		select {
		case request := <-s.requests:
			if s.wire.Send(request) != nil {
				return
			}
		case <-s.closing:
			return
		case <-ctx.Done():
			return
		}
	}
}

// receive hands the answers out until there are no more.
func (s *Stream) receive(ctx context.Context) {
	defer close(s.ended)
	for {
		response, err := s.wire.Receive()
		if err != nil {
			s.end(ctx, err)
			return
		}
		s.answered = true
		of, waits := s.take(response.GetSequence())
		if !waits {
			continue // its caller has left
		}
		result := taskResult(of.id, response)
		of.answer(result, failureOf(of.method, of.id, result.Err()))
	}
}

// end fails what still waits.
func (s *Stream) end(ctx context.Context, err error) {
	cause := error(errClosed)
	if !errors.Is(err, io.EOF) {
		cause = s.client.link.ErrorOf(ctx, err)
	}
	s.cancel()
	_ = s.wire.CloseResponse() // nothing is left to be read
	<-s.broken
	s.mu.Lock()
	waiting := s.waiting
	s.waiting = make(map[uint64]submitted)
	s.cause = s.told(cause, len(waiting) > 0)
	cause = s.cause
	s.mu.Unlock()
	for _, of := range waiting {
		of.answer(Result{ID: of.id}, failureOf(of.method, of.id, cause))
	}
}

// told is what a stream's end says of a task. What one of many has done wrong
// is no word on the others, and may well be tried again with them. mu is held.
func (s *Stream) told(cause error, unanswered bool) error {
	failure := task.ErrorOf(cause)
	switch {
	case errors.Is(cause, errClosed) && !unanswered:
		return errClosed
	case errors.Is(cause, errClosed):
		return task.Errorf(task.Unavailable, "the server ended the stream")
	case failure.Code == task.Unavailable, errors.Is(cause, context.Canceled), errors.Is(cause, context.DeadlineExceeded):
		return cause
	case !s.answered:
		return cause // it has never worked: the predecessor's server, a client without rights
	default:
		return task.Errorf(task.Unavailable, "the stream has ended: %w", cause)
	}
}
