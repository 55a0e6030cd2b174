package wire

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// A Codec turns messages into bytes and back, for Connect: those of this
// package by hand, generated ones by protobuf's library. It is safe for
// concurrent use.
type Codec struct {
	name   string
	json   bool
	limits Limits
}

// Codecs returns the codecs of the contract's service: protobuf, and JSON under
// the two names that Connect gives it.
func Codecs(limits Limits) []*Codec {
	return []*Codec{
		{name: "proto", limits: limits},
		{name: "json", json: true, limits: limits},
		{name: "json; charset=utf-8", json: true, limits: limits},
	}
}

// Name is the content type's last word.
func (c *Codec) Name() string { return c.name }

// IsBinary reports whether the messages' bytes may be anything.
func (c *Codec) IsBinary() bool { return !c.json }

// An appender is a message that this package writes.
type appender interface {
	Append(b []byte) ([]byte, error)
	AppendJSON(b []byte) ([]byte, error)
}

// MarshalAppend appends a message's bytes.
func (c *Codec) MarshalAppend(b []byte, message any) ([]byte, error) {
	switch m := message.(type) {
	case appender:
		if c.json {
			return m.AppendJSON(b)
		}
		return m.Append(b)
	case proto.Message:
		if c.json {
			return protojson.MarshalOptions{}.MarshalAppend(b, m)
		}
		return proto.MarshalOptions{}.MarshalAppend(b, m)
	default:
		return nil, fmt.Errorf("%T is not a message", message)
	}
}

// Marshal returns a message's bytes.
func (c *Codec) Marshal(message any) ([]byte, error) { return c.MarshalAppend(nil, message) }

// MarshalStable returns a message's bytes, the same for the same message.
func (c *Codec) MarshalStable(message any) ([]byte, error) {
	if m, ok := message.(proto.Message); ok && !c.json {
		return proto.MarshalOptions{Deterministic: true}.Marshal(m)
	}
	return c.Marshal(message)
}

// Unmarshal reads a message, which doesn't share b's memory.
func (c *Codec) Unmarshal(b []byte, message any) error {
	switch m := message.(type) {
	case *TaskRequest:
		return assign(m, b, c.limits, c.json, ParseRequest, ParseRequestJSON)
	case *BatchRequest:
		return assign(m, b, c.limits, c.json, ParseBatch, ParseBatchJSON)
	case proto.Message:
		return c.unmarshal(b, m)
	default:
		return fmt.Errorf("%T is not a message", message)
	}
}

type parser[T any] func([]byte, Limits) (*T, error)

func assign[T any](to *T, b []byte, limits Limits, json bool, fromProto, fromJSON parser[T]) error {
	parse := fromProto
	if json {
		parse = fromJSON
	}
	parsed, err := parse(b, limits)
	if err == nil {
		*to = *parsed
	}
	return err
}

func (c *Codec) unmarshal(b []byte, m proto.Message) error {
	if c.json {
		if len(b) == 0 {
			return errors.New("an empty text is not a JSON object")
		}
		return protojson.Unmarshal(b, m) // which refuses unknown fields
	}
	if err := proto.Unmarshal(b, m); err != nil {
		return err
	}
	// protobuf's library takes a known field of another wire type for an unknown one.
	known := m.ProtoReflect().Descriptor().Fields()
	f := fields{all: m.ProtoReflect().GetUnknown()}
	for f.next() {
		if known.ByNumber(f.number) != nil {
			f.as(protowire.EndGroupType) // which none has
		}
	}
	return f.err
}
