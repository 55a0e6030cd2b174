// Package cell keeps one message a subject in a stream of NATS JetStream: it is read
// from the leader, and replaced by a compare-and-set.
package cell

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// A Stream is a stream, and the way to it.
type Stream struct {
	Conn *nats.Conn
	Name string
	// Several: more than one server keeps it, or may do so, so that what one of them
	// says may be old, and one that dies is no reason to give up.
	Several bool
	// TooFew, if not nil, tells whether so few of them are reached that none can answer:
	// then a call that has failed is not tried again.
	TooFew func() bool
}

// A Message is what a subject has.
type Message struct {
	Data   []byte
	Number uint64
	Time   time.Time
	// Writer says who wrote it, see [By].
	Writer string
}

// Headers of messages.
const (
	expectedLast = "Nats-Expected-Last-Subject-Sequence"
	timeToLive   = "Nats-TTL"
	writerName   = "Task-Scheduler-Writer"
)

// Replacing returns a message that replaces one of that number; 0 is none.
func Replacing(subject string, data []byte, number uint64) *nats.Msg {
	return &nats.Msg{Subject: subject, Data: data, Header: nats.Header{expectedLast: {strconv.FormatUint(number, 10)}}}
}

// By says in a message who writes it.
func By(writer string, message *nats.Msg) *nats.Msg {
	message.Header.Set(writerName, writer)
	return message
}

// Set replaces the message of that number, 0 if there is none, and returns the number
// that the new one has. It is [ErrConflict] if the subject has another one.
func (s *Stream) Set(ctx context.Context, subject string, data []byte, number uint64) (uint64, error) {
	return s.Publish(ctx, Replacing(subject, data, number))
}

// For has a message go by itself after a time, a second at least.
func For(d time.Duration, message *nats.Msg) *nats.Msg {
	message.Header.Set(timeToLive, strconv.Itoa(max(1, int(d/time.Second))))
	return message
}

const messageGet = "$JS.API.STREAM.MSG.GET."

// Last returns what a subject has by its leader's word, so that it isn't old; its
// number is 0 if there is nothing.
func (s *Stream) Last(ctx context.Context, subject string) (m Message, err error) {
	request, err := json.Marshal(map[string]string{"last_by_subj": subject})
	if err != nil {
		return Message{}, err
	}
	err = s.try(ctx, func(ctx context.Context) error {
		answer, err := s.Conn.RequestWithContext(ctx, messageGet+s.Name, request)
		if err != nil {
			return fmt.Errorf("get: %w", err)
		}
		m, err = readMessage(answer.Data)
		return err
	})
	return m, err
}

func readMessage(answer []byte) (Message, error) {
	var got struct {
		Error   *jetstream.APIError `json:"error"`
		Message struct {
			Number  uint64    `json:"seq"`
			Headers []byte    `json:"hdrs"`
			Data    []byte    `json:"data"`
			Time    time.Time `json:"time"`
		} `json:"message"`
	}
	if err := json.Unmarshal(answer, &got); err != nil {
		return Message{}, fmt.Errorf("get: %w", err)
	}
	switch {
	case got.Error == nil:
		m := Message{Data: got.Message.Data, Number: got.Message.Number, Time: got.Message.Time}
		if len(got.Message.Headers) == 0 {
			return m, nil
		}
		headers, err := nats.DecodeHeadersMsg(got.Message.Headers)
		if err != nil {
			return Message{}, fmt.Errorf("get: %w", err)
		}
		m.Writer = headers.Get(writerName)
		return m, nil
	case got.Error.ErrorCode == jetstream.JSErrCodeMessageNotFound:
		return Message{}, nil
	default:
		return Message{}, &apiError{got.Error}
	}
}
