package admin

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/taskscheduler/taskscheduler/gen/taskscheduler/admin/v1"
	"github.com/taskscheduler/taskscheduler/internal/journal"
)

// addRecord adds to an answer what is kept of what the execution did and said;
// hidden: only that it did.
func addRecord(response *pb.GetExecutionResponse, r *journal.Record, hidden bool) {
	for i := range r.States {
		e := &r.States[i]
		response.States = append(response.States, &pb.StateChange{State: executionStates[e.State], Time: stamp(e)})
	}
	response.Attempts = attempts(response.GetStates(), response.GetExecution().GetAttempt())
	response.LinesLeftOut = r.Left
	if p := &r.Progress; p.Number > 0 {
		response.Execution.Progress = &pb.Progress{Fraction: p.Fraction, Note: p.Text, Time: stamp(p)}
	}
	if hidden {
		response.LinesLeftOut += uint64(len(r.Lines))
		if p := response.GetExecution().GetProgress(); p != nil {
			p.Note = ""
		}
		return
	}
	for i := range r.Lines {
		e := &r.Lines[i]
		response.Lines = append(response.Lines, &pb.LogLine{Time: stamp(e), Level: int32(e.Level), Text: e.Text})
	}
}

// stamp is when an event happened, if that is known.
func stamp(e *journal.Event) *timestamppb.Timestamp {
	if e.Time.IsZero() {
		return nil
	}
	return timestamppb.New(e.Time)
}

// certificatePrefix is what the name of a caller begins with who has a
// certificate, before its subject as the certificate has it.
const certificatePrefix = "certificate "

// callerName is a caller's name for people: "CN=billing,O=Example", an address,
// or a network.
func callerName(caller string) string {
	subject, certified := strings.CutPrefix(caller, certificatePrefix)
	if !certified {
		return text(caller)
	}
	var names pkix.RDNSequence
	if rest, err := asn1.Unmarshal([]byte(subject), &names); err != nil || len(rest) > 0 {
		return "a certificate whose subject can't be read"
	}
	return text(names.String())
}
