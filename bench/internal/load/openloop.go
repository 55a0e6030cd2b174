package load

import (
	"errors"
	"runtime"
	"syscall"
	"time"
)

// openLoop sends calls when they are due, in turn on all connections, from one
// goroutine that never sleeps: timers would send them up to a millisecond late.
func openLoop(connections []*connection, records []*record, plan *Plan) {
	sockets := make([]syscall.RawConn, len(connections))
	for i, c := range connections {
		var err error
		if sockets[i], err = rawConn(c); err != nil {
			records[i].fail(err)
			return
		}
	}
	pause := time.Duration(float64(time.Second) / plan.Rate)
	due, turn := time.Now(), 0
	for {
		over := records[0].stopped()
		for now := time.Now(); !over && !due.After(now); due = due.Add(pause) {
			c := connections[turn%len(connections)].exchange.(*calls) //nolint:forcetypeassert // only calls have a rate
			c.due = append(c.due, due)
			turn++
		}
		idle := true
		for i, c := range connections {
			if err := step(c, sockets[i]); err != nil {
				records[i].fail(err)
			}
			if records[i].err != nil {
				records[0].fail(records[i].err)
				return
			}
			idle = idle && c.exchange.idle()
		}
		if over && idle {
			return
		}
		runtime.Gosched()
	}
}

func rawConn(c *connection) (syscall.RawConn, error) {
	socket, ok := c.Conn.(syscall.Conn)
	if !ok {
		return nil, errors.New("a rate works without TLS only")
	}
	return socket.SyscallConn()
}

// step sends what is due on a connection and reads what has come.
func step(c *connection, socket syscall.RawConn) error {
	c.exchange.fill()
	if err := c.flush(); err != nil {
		return err
	}
	for {
		n, err := readNow(socket, c.room())
		if err != nil || n == 0 {
			return err
		}
		if err := c.feed(n); err != nil {
			return err
		}
	}
}
