package process

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/taskscheduler/taskscheduler/task"
)

// receive reads what the child says until it ends, or says something that it
// may not; then it is killed.
func (p *Process) receive(pipe *os.File) {
	reader := newFrameReader(pipe, p.config.MaxFrameBytes)
	err := p.receiveHello(reader)
	for err == nil {
		err = p.receiveOne(reader)
	}
	if errors.Is(err, io.EOF) {
		p.suspect(errors.New("it closed its pipe"))
		return
	}
	err = fmt.Errorf("it broke the protocol: %w", err)
	p.mu.Lock()
	p.complaint = err
	p.mu.Unlock()
	p.kill(err)
}

// receiveHello reads what the child must begin with.
func (p *Process) receiveHello(reader *frameReader) error {
	kind, body, _, err := reader.next()
	for err == nil && kind == frameLog {
		p.log(body)
		kind, body, _, err = reader.next()
	}
	switch {
	case err != nil:
		return err
	case kind == frameRefusal:
		p.loaded <- errors.New(clean(body))
		return io.EOF
	case kind != frameHello:
		return fmt.Errorf("a frame of kind %d came first", kind)
	}
	t, err := parseHello(body)
	if err == nil {
		p.methods, err = methods(p.config.Name, t.Tasks)
	}
	if err != nil {
		p.loaded <- fmt.Errorf("its table of tasks is wrong: %w", err)
		return err
	}
	p.table = t
	p.loaded <- nil
	return nil
}

// receiveOne reads a frame and does what it is for. Only what no child of ours
// would send is an error.
func (p *Process) receiveOne(reader *frameReader) error {
	kind, body, own, err := reader.next()
	if err != nil {
		return err
	}
	switch kind {
	case frameLog:
		p.log(body)
		return nil
	case frameProgress:
		p.progress(body)
		return nil
	case frameAnswer, framePong:
	default:
		return fmt.Errorf("a frame of kind %d, which is not for the parent, or not now", kind)
	}
	const idBytes = 8
	if len(body) < idBytes {
		return errShort
	}
	id, body := binary.LittleEndian.Uint64(body), body[idBytes:]
	if kind == framePong {
		p.calls.deliver(id, answer{})
		return nil
	}
	p.calls.deliver(id, p.readAnswer(body, own))
	return nil
}

// readAnswer reads the rest of an answer. One that makes no sense fails its
// call alone.
func (p *Process) readAnswer(body []byte, own bool) answer {
	if !own && holdsMemory(body) {
		body = slices.Clone(body)
	}
	status, value, err := parseAnswer(body, p.config.MaxFrameBytes)
	if err != nil {
		return answer{err: task.Errorf(task.Internal, "plugin %s: its answer makes no sense: %w", p.config.Name, err)}
	}
	return answer{status: status, value: value}
}

// holdsMemory tells whether an answer's value may share the frame's memory.
func holdsMemory(body []byte) bool {
	return len(body) > 1 && task.Kind(body[1]) >= task.KindString
}

// log passes on a line of the library's.
func (p *Process) log(body []byte) {
	in := parser{b: body}
	id := in.fixed64()
	level := slog.Level(min(max(in.varint(), int64(slog.LevelDebug)), int64(slog.LevelError)))
	text := clean(in.b)
	if in.err != nil {
		return
	}
	p.stderr.write(level, text, p.calls.taskID(id))
}

// progress passes on how far a call is.
func (p *Process) progress(body []byte) {
	in := parser{b: body}
	id := in.fixed64()
	fraction := math.Float64frombits(in.fixed64())
	if taskID := p.calls.taskID(id); in.err == nil && taskID != "" && fraction >= 0 && fraction <= 1 {
		p.config.Progress(taskID, fraction, clean(in.b))
	}
}

// maxText is how long a log line or a note may be.
const maxText = 4 << 10

// clean returns the beginning of a foreign text, as valid UTF-8.
func clean(text []byte) string {
	return strings.ToValidUTF8(string(text[:min(len(text), maxText)]), "\uFFFD")
}
