package adminport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// An admission is who makes a request, and by what.
type admission struct {
	caller Caller
	key    *key   // nil: none was asked for
	cookie string // of a session
}

// errNoToken is what those hear who show no token, and errWrongToken who show none
// that counts.
var (
	errNoToken = errors.New("operators need a token here: send one that is in the server's token file, " +
		"as the header Authorization: Bearer TOKEN")
	errWrongToken = errors.New("this token is not one of the server's: send one that is in the server's token file, " +
		"as the header Authorization: Bearer TOKEN")
)

// admit finds out who makes a request: by its token, else its session, else its
// certificate. What is for everybody is asked for nothing.
func (g *guard) admit(r *http.Request, need Role) (a admission, wait time.Duration, err error) {
	a.caller = callerOf(r)
	keys := g.port.keys
	switch {
	case keys == nil:
		a.caller.Role = Admin
		return a, 0, nil
	case need == Nobody:
		return a, 0, nil
	}
	if token := bearerOf(r); token != "" {
		k, wait, ok := keys.check(token, a.caller.Peer)
		if !ok {
			return a, wait, errWrongToken
		}
		a.take(&k)
		return a, 0, nil
	}
	if s, cookie, ok := g.sessionOf(r); ok {
		if k, ok := keys.now(&s.key); ok {
			a.take(&k)
			a.caller.SessionEnds, a.cookie = s.ends, cookie
			return a, 0, nil
		}
	}
	subject := subjectOf(r)
	if k, ok := keys.certified(subject); ok {
		a.key, a.caller.Role = &k, k.role
		return a, 0, nil
	}
	if subject != "" {
		err = fmt.Errorf("the certificate of %s has no role here: %w", subject, errNoToken)
		return a, 0, err
	}
	return a, 0, errNoToken
}

// bearerOf returns the token of a request's header, or "".
func bearerOf(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// take takes in that the caller has shown a token.
func (a *admission) take(k *key) {
	a.key, a.caller.Role = k, k.role
	a.caller.Name = strings.TrimPrefix(a.caller.Name+", "+k.name, ", ")
}

// stillCounts is how often it is looked whether who watches may still do so.
const stillCounts = time.Second

// ErrWithdrawn is why the context of a request has ended whose caller may not make it
// any more, see [context.Cause].
var ErrWithdrawn = errors.New("what you have shown doesn't count any more: show a token that does, or log in again")

// whileAdmitted returns a context that ends when what the caller has shown doesn't
// count any more, or no more for what it does: a stream may last for days.
func (g *guard) whileAdmitted(ctx context.Context, a *admission, need Role) (admitted context.Context, over func()) {
	if a.key == nil {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	timer := time.NewTimer(stillCounts)
	looking := make(chan struct{})
	go func() {
		defer close(looking)
		for {
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
			}
			if !g.counts(a, need) {
				cancel(ErrWithdrawn)
				return
			}
			timer.Reset(stillCounts)
		}
	}()
	return ctx, func() {
		cancel(context.Canceled)
		timer.Stop()
		<-looking
	}
}

// counts tells whether what the caller has shown still counts for what needs a role.
func (g *guard) counts(a *admission, need Role) bool {
	k, ok := g.port.keys.now(a.key)
	if !ok || k.role < need {
		return false
	}
	if a.cookie == "" {
		return true
	}
	_, ok = g.port.sessions.find(a.cookie, time.Now())
	return ok
}
