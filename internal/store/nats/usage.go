package nats

import "context"

// Len returns how many outcomes there are; 0 if the server doesn't tell.
func (r *Results) Len() int {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	stream, err := r.js.Stream(ctx, r.names.results)
	if err != nil {
		return 0
	}
	return int(stream.CachedInfo().State.Msgs)
}
