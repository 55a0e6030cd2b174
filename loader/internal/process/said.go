package process

import (
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/frame"
)

const (
	// saidPerSecond is how many bytes of lines and reports are read, and saidBytes
	// what each counts beside its own. A library that says more waits, its answers
	// too: a child of ours passes on far less.
	saidPerSecond = 16 << 20
	saidBytes     = 64
)

// pass passes on what the library logs, or how far a call is, to those who watch the
// execution that it belongs to. A library can name only calls that are its own and
// go on.
func (p *Process) pass(f frame.Frame) {
	if f.Kind == frame.Log {
		p.passLine(f.Body)
	} else {
		p.passReport(f.Body)
	}
	p.log.said.Admit(saidBytes + len(f.Body))
	if rest := p.log.said.Rest(); rest > 0 {
		<-time.After(rest) // a second at the most
	}
}

func (p *Process) passLine(body []byte) {
	line, err := frame.ParseLine(body)
	if err != nil {
		return
	}
	info := p.calls.info(line.Call)
	if info.Reporter != nil {
		info.Reporter.Log(info.Attempt, line.Level, line.Text)
	}
	p.log.write(line.Level, line.Text, info.TaskID)
}

func (p *Process) passReport(body []byte) {
	report, err := frame.ParseReport(body)
	if err != nil || !(report.Fraction >= 0 && report.Fraction <= 1) {
		return
	}
	if info := p.calls.info(report.Call); info.Reporter != nil {
		info.Reporter.Progress(info.Attempt, report.Fraction, report.Note)
	}
}
