package server

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"connectrpc.com/connect"
	"connectrpc.com/grpchealth"
)

// health is whether the server takes tasks. It answers gRPC health checks, and
// readyz goes by it too: every service serves once the server is put together and
// the plugins that were there at the start have been loaded, until it drains.
type health struct {
	services []string // without "", which stands for all of them
	draining atomic.Bool

	mu       sync.Mutex
	starting string // what is waited for before anything else; empty: that is over
	loading  bool   // plugins, at the start
	stopping bool   // draining for good
	watchers map[*func()]struct{}
}

var _ grpchealth.Watcher = (*health)(nil)

func newHealth(starting string, services ...string) *health {
	return &health{services: services, starting: starting, loading: true, watchers: make(map[*func()]struct{})}
}

// started says that nothing is waited for any more but plugins.
func (h *health) started() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.starting = ""
	h.tellLocked()
}

// loaded says that the plugins that were there at the start are, too.
func (h *health) loaded() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.loading = false
	h.tellLocked()
}

// drain turns every service to NOT_SERVING, for good.
func (h *health) drain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopping = true
	h.draining.Store(true)
	h.tellLocked()
}

// turn turns every service to NOT_SERVING, or back, and does the same to what
// else is to follow. It does nothing, and returns false, once drain was called.
func (h *health) turn(draining bool, also func(draining bool)) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopping {
		return false
	}
	also(draining)
	h.draining.Store(draining)
	h.tellLocked()
	return true
}

func (h *health) tellLocked() {
	for changed := range h.watchers {
		(*changed)() // doesn't block, says grpchealth
	}
}

// unready says why no tasks are taken, or "".
func (h *health) unready() string {
	reason, _ := h.why()
	return reason
}

// why is unready that tells, too, whether the server has just been started.
func (h *health) why() (reason string, starting bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.draining.Load():
		return "draining", false
	case h.starting != "":
		return h.starting, true
	case h.loading:
		return "plugins are being loaded", true
	default:
		return "", false
	}
}

// Check tells how a service is.
func (h *health) Check(_ context.Context, request *grpchealth.CheckRequest) (*grpchealth.CheckResponse, error) {
	if request.Service != "" && !slices.Contains(h.services, request.Service) {
		return nil, connect.NewError(connect.CodeNotFound, fmt.Errorf("unknown service %q", request.Service))
	}
	if h.unready() != "" {
		return &grpchealth.CheckResponse{Status: grpchealth.StatusNotServing}, nil
	}
	return &grpchealth.CheckResponse{Status: grpchealth.StatusServing}, nil
}

// Watch has onChange called when the answer of Check may have changed.
func (h *health) Watch(ctx context.Context, request *grpchealth.CheckRequest, onChange func()) (stop func(), err error) {
	if _, err := h.Check(ctx, request); err != nil {
		return nil, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.watchers[&onChange] = struct{}{}
	return func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		delete(h.watchers, &onChange)
	}, nil
}
