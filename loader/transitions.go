package loader

import "time"

// A cause is why a supervisor moves on.
type cause string

const (
	loaded      cause = "loaded"      // what the file holds now serves
	loadFailed  cause = "load failed" // and could not
	stalled     cause = "stalled"     // a call in what serves does not end
	replaced    cause = "replaced"    // a new process serves instead of the one with such a call
	replaceFail cause = "not replaced"
	crashed     cause = "crashed"     // the process died, or could not be started again
	quarantined cause = "quarantined" // and that too often
	restarted   cause = "restarted"   // a new process serves after a crash
	unloaded    cause = "unloaded"    // an operator wants it so
	gone        cause = "gone"        // the file is not there any more
	stopped     cause = "stopped"     // the loader shuts down
)

// stateEnded is the last state; nobody gets to see it.
const stateEnded State = "ended"

// transitions has every change of state that there is. A cause that is not
// listed for a state does not matter in it.
var transitions = map[State]map[cause]State{
	StateLoading: {
		loaded: StateServing, loadFailed: StateFailed,
		unloaded: StateUnloaded, gone: stateEnded, stopped: stateEnded,
	},
	StateServing: {
		loaded: StateServing, loadFailed: StateServing,
		stalled: StateServing, replaced: StateServing, replaceFail: StateServing,
		crashed: StateRestarting, quarantined: StateQuarantined,
		unloaded: StateUnloaded, gone: stateEnded, stopped: stateEnded,
	},
	StateRestarting: {
		loaded: StateServing, loadFailed: StateRestarting,
		restarted: StateServing, crashed: StateRestarting, quarantined: StateQuarantined,
		unloaded: StateUnloaded, gone: stateEnded, stopped: stateEnded,
	},
	StateQuarantined: {
		loaded: StateServing, loadFailed: StateQuarantined,
		restarted: StateServing, quarantined: StateQuarantined,
		unloaded: StateUnloaded, gone: stateEnded, stopped: stateEnded,
	},
	StateUnloaded: {
		loaded: StateServing, loadFailed: StateFailed,
		unloaded: StateUnloaded, gone: stateEnded, stopped: stateEnded,
	},
	StateFailed: {
		loaded: StateServing, loadFailed: StateFailed,
		unloaded: StateUnloaded, gone: stateEnded, stopped: stateEnded,
	},
}

// move takes s to the state that cause leads to, and shows it to operators and
// to the calls that wait. No other place changes the state. detail says what
// went wrong, for the causes that are about that.
func (s *supervisor) move(c cause, detail string) {
	next, ok := transitions[s.state][c]
	if !ok {
		return
	}
	if s.state == StateLoading {
		close(s.tried)
	}
	s.state = next
	s.status.update(func(p *Plugin) {
		p.State = next
		switch c {
		case loaded:
			p.SHA256, p.Tasks, p.LoadedAt, p.LastError = s.loaded.SHA256, s.serving.names, time.Now(), ""
			p.Versions = s.versionsWith(p.Versions, p.LoadedAt)
		case loadFailed, stalled, replaceFail, crashed, quarantined:
			p.LastError = detail
		case restarted, replaced:
			p.Restarts++
		case unloaded, gone, stopped:
			p.SHA256, p.Tasks, p.LoadedAt = "", nil, time.Time{}
		}
	})
}
