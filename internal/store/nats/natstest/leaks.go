package natstest

import "go.uber.org/goleak"

// LeftRunning are goroutines that a server may leave behind: one that is shut down while
// it makes or opens a stream, as when others have just chosen it to keep a copy, forgets
// that stream's.
func LeftRunning() []goleak.Option {
	const server = "github.com/nats-io/nats-server/v2/server"
	return []goleak.Option{
		goleak.IgnoreAnyFunction(server + ".(*fileStore).flushStreamStateLoop"),
		goleak.IgnoreAnyFunction(server + "/ats.Register.func1"),
	}
}
