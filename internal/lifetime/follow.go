package lifetime

import "context"

// A Link is between a context and who follows it.
type Link struct {
	to   *Lifetime // nil: any other context
	from following
	stop func() bool
}

// Follow has f told of ctx's end, as something. A context that has a Lifetime tells it
// itself, on the goroutine that ends it.
func Follow(ctx context.Context, f Follower, as uint64) Link {
	if own, has := ctx.(interface{ Followed() *Lifetime }); has {
		link := Link{to: own.Followed(), from: following{f, as}}
		link.to.follow(link.from)
		return link
	}
	return Link{stop: context.AfterFunc(ctx, func() { f.Ended(as) })}
}

// Stop ends that. A follower that is being told is told all the same.
func (l Link) Stop() {
	if l.to != nil {
		l.to.unfollow(l.from)
		return
	}
	l.stop()
}

// Followed is how [Follow] knows a context that has a Lifetime.
func (l *Lifetime) Followed() *Lifetime { return l }
