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

// health answers gRPC health checks: every service serves until the server
// drains.
type health struct {
	services []string // without "", which stands for all of them
	draining atomic.Bool

	mu       sync.Mutex
	stopping bool // draining for good
	watchers map[*func()]struct{}
}

var _ grpchealth.Watcher = (*health)(nil)

func newHealth(services ...string) *health {
	return &health{services: services, watchers: make(map[*func()]struct{})}
}

// drain turns every service to NOT_SERVING, for good.
func (h *health) drain() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopping = true
	h.setLocked(true)
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
	h.setLocked(draining)
	return true
}

func (h *health) setLocked(draining bool) {
	h.draining.Store(draining)
	for changed := range h.watchers {
		(*changed)() // doesn't block, says grpchealth
	}
}

// Check tells how a service is.
func (h *health) Check(_ context.Context, request *grpchealth.CheckRequest) (*grpchealth.CheckResponse, error) {
	if request.Service != "" && !slices.Contains(h.services, request.Service) {
		return nil, connect.NewError(connect.CodeNotFound, fmt.Errorf("unknown service %q", request.Service))
	}
	if h.draining.Load() {
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
