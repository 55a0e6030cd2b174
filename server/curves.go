package server

import "context"

// recordCurves keeps how the server does, second by second, until the function that
// it returns is called.
func (s *Server) recordCurves(ctx context.Context) (stop func()) {
	if s.admin == nil { // nobody could look
		return func() {}
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx)) // tasks go on while the server drains
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.curves.Run(ctx)
	}()
	return func() {
		cancel()
		<-ended
	}
}

// load returns how many tasks wait, run and are overdue.
func (s *Server) load() (pending, running, overdue int) {
	pending, running = s.scheduler.Counts()
	return pending, running, s.scheduler.Admitted().Overdue
}
