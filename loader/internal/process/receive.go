package process

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/taskscheduler/taskscheduler/loader/internal/frame"
	"github.com/taskscheduler/taskscheduler/task"
)

// receive reads what the child says until it ends, or says something that it
// may not; then it is killed.
func (p *Process) receive(pipe *os.File) {
	reader := frame.NewReader(pipe, p.config.MaxFrameBytes)
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
	p.Kill(err)
}

// receiveHello reads what the child must begin with.
func (p *Process) receiveHello(reader *frame.Reader) error {
	f, err := reader.Next()
	for err == nil && f.Kind == frame.Log {
		p.pass(f)
		f, err = reader.Next()
	}
	switch {
	case err != nil:
		return err
	case f.Kind == frame.Refusal:
		p.loaded <- errors.New(frame.Text(f.Body))
		return io.EOF
	case f.Kind != frame.Hello:
		return fmt.Errorf("a frame of kind %d came first", f.Kind)
	}
	greeting, err := frame.ParseGreeting(f.Body)
	if err == nil {
		p.methods, err = methods(p.config.Name, greeting.Tasks)
	}
	if err != nil {
		p.loaded <- fmt.Errorf("its table of tasks is wrong: %w", err)
		return err
	}
	p.greeting = greeting
	p.loaded <- nil
	return nil
}

// receiveOne reads a frame and does what it is for. Only what no child of ours
// would send is an error.
func (p *Process) receiveOne(reader *frame.Reader) error {
	f, err := reader.Next()
	if err != nil {
		return err
	}
	switch f.Kind {
	case frame.Log, frame.Progress:
		p.pass(f)
		return nil
	case frame.Answer, frame.Pong:
	default:
		return fmt.Errorf("a frame of kind %d, which is not for the parent, or not now", f.Kind)
	}
	id, body, err := frame.CutID(f.Body)
	switch {
	case err != nil:
		return err
	case f.Kind == frame.Pong:
		p.calls.deliver(id, answer{})
	default:
		p.calls.deliver(id, p.readAnswer(body, f.Own))
	}
	return nil
}

// readAnswer reads the rest of an answer. One that makes no sense fails its
// call alone.
func (p *Process) readAnswer(body []byte, own bool) answer {
	status, value, err := frame.ParseAnswer(body, own, p.config.MaxFrameBytes)
	if err != nil {
		return answer{err: task.Errorf(task.Internal, "plugin %s: its answer makes no sense: %w", p.config.Name, err)}
	}
	return answer{status: status, value: value}
}
