package load

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/taskscheduler/taskscheduler/bench/internal/machine"
)

// patience is how long a server may take to answer what is in flight at the end.
const patience = 30 * time.Second

// ErrNone is what comes of a run in which no call has ended while it counted.
var ErrNone = errors.New("no call has ended")

// Run drives the server at addr by a plan. An answer that is wrong, or none, is
// an error.
func Run(ctx context.Context, addr string, plan Plan) (*Result, error) {
	if n := plan.requestBytes(); n > ownWindow {
		return nil, fmt.Errorf("a request of %d bytes is more than a stream takes at first", n)
	}
	var p phase
	connections := make([]*connection, plan.Connections)
	records := make([]*record, plan.Connections)
	run := strconv.FormatInt(time.Now().UnixNano(), 36)
	for i := range connections {
		c, err := dial(ctx, addr, &plan)
		if err != nil {
			return nil, err
		}
		defer c.Close()
		connections[i], records[i] = c, &record{phase: &p}
		prefix := fmt.Sprintf("%s-%d-", run, i)
		if plan.Kind == Stream {
			newStreamed(c, &plan, records[i], prefix)
		} else {
			newCalls(c, &plan, records[i], prefix)
		}
		if err := c.SetDeadline(time.Now().Add(plan.WarmUp + plan.Duration + patience)); err != nil {
			return nil, err
		}
	}
	var working sync.WaitGroup
	if plan.Rate > 0 {
		working.Go(func() { openLoop(connections, records, &plan) })
	} else {
		for i, c := range connections {
			working.Go(func() { closedLoop(c, records[i]) })
		}
	}
	result := measure(&p, &plan)
	working.Wait()
	var errs []error
	for _, r := range records {
		result.Latencies.Merge(&r.latencies)
		errs = append(errs, r.err)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	if result.Latencies.Count() == 0 {
		return nil, ErrNone
	}
	return result, nil
}

func measure(p *phase, plan *Plan) *Result {
	meter := plan.Meter
	if meter == nil {
		meter = func() int64 { return 0 }
	}
	time.Sleep(plan.WarmUp)
	p.counting.Store(true)
	began, server, own := time.Now(), meter(), machine.OwnTime()
	time.Sleep(plan.Duration)
	p.counting.Store(false)
	result := &Result{Took: time.Since(began), Metered: meter() - server, Generator: machine.OwnTime() - own}
	p.over.Store(true)
	return result
}

func dial(ctx context.Context, addr string, plan *Plan) (*connection, error) {
	nc, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if plan.Trust == nil {
		return newConnection(nc, "http"), nil
	}
	secure := tls.Client(nc, &tls.Config{
		RootCAs: plan.Trust, ServerName: "localhost", NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS13,
	})
	return newConnection(secure, "https"), secure.HandshakeContext(ctx)
}

// closedLoop works on a connection until what is in flight at the end has ended.
func closedLoop(c *connection, r *record) {
	for r.err == nil {
		c.exchange.fill()
		if err := c.flush(); err != nil {
			r.fail(err)
			return
		}
		if r.stopped() && c.exchange.idle() {
			return
		}
		n, err := c.Read(c.room())
		if err == nil {
			err = c.feed(n)
		}
		if err != nil {
			r.fail(err)
		}
	}
}
