package frame

import (
	"encoding/binary"
	"fmt"

	"github.com/taskscheduler/taskscheduler/internal/clip"
	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

// A Greeting is what a child tells of itself once it has loaded its file.
type Greeting struct {
	library.Description

	// Notes are the protections that could not be applied, a sentence each.
	Notes []string
}

// maxTasks is how many tasks, and notes, a file may have.
const maxTasks = 10_000

// OfGreeting makes the frame of a greeting.
func OfGreeting(g Greeting) []byte {
	b := binary.AppendUvarint(begin(nil, Hello), protocol)
	b = binary.AppendUvarint(b, uint64(len(g.Notes)))
	for _, note := range g.Notes {
		b = appendString(b, note)
	}
	b = appendString(appendString(b, g.Version), g.Doc)
	b = binary.AppendUvarint(b, uint64(len(g.Tasks)))
	for _, info := range g.Tasks {
		b = appendString(b, info.Name)
		b = appendNumber(b, task.Bool(info.Async))
		b = appendString(appendString(b, info.Signature), info.Doc)
	}
	return end(b)
}

// ParseGreeting reads the body of a greeting, which it does not share.
func ParseGreeting(body []byte) (Greeting, error) {
	p := parser{b: []byte(string(body)), room: maxTasks}
	if version := p.uvarint(); version != protocol {
		return Greeting{}, fmt.Errorf("it speaks version %d of the protocol, and not %d", version, protocol)
	}
	var g Greeting
	for range p.count(1) {
		g.Notes = append(g.Notes, p.text())
	}
	g.Version, g.Doc = p.text(), p.text()
	for range p.count(1) {
		g.Tasks = append(g.Tasks, library.TaskInfo{
			Name: p.text(), Async: within(&p, p.byte(), 0, 1) == 1, Signature: p.text(), Doc: p.text(),
		})
	}
	return g, p.end()
}

// OfRefusal makes the frame that says why a file can't be loaded.
func OfRefusal(why string) []byte {
	return end(append(begin(nil, Refusal), clip.Text(why, maxText)...))
}
