package bench

import (
	"bufio"
	"strings"
	"testing"
	"time"
)

// BenchmarkCall is a whole call, add(1, 2, 3) over loopback, on 4 connections
// with 32 calls each in flight: to this project's server, and to servers that
// only look the method up in a map and run it, on grpc-go and on net/http.
//
// Each has its turn in each round, so that what else the machine does is no
// advantage for one of them. Client and servers are processes of their own; the
// client is grpc-go's.
func BenchmarkCall(b *testing.B) {
	contenders := []*contender{{name: "service"}, {name: "grpc-go"}, {name: "net/http"}}
	client := startLoad(b)
	for _, c := range contenders {
		c.start(b)
		client.run(b, c.addr, warmUp)
	}
	b.Run("add", func(b *testing.B) { benchmarkRounds(b, client, contenders) })
}

// warmUp is how many calls are made before any is counted.
const warmUp = 5000

// A contender is a server in a process of its own, and what was measured of it.
type contender struct {
	name, addr     string
	pid            int
	took, computed time.Duration
}

func (c *contender) start(b *testing.B) {
	b.Helper()
	_, out, pid := start(b, c.name)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		b.Fatalf("%s does not say where it listens: %v", c.name, err)
	}
	c.pid, c.addr = pid, strings.TrimSpace(line)
}

func (c *contender) run(b *testing.B, client *load, calls int64) {
	b.Helper()
	before := processorTime(b, c.pid)
	c.took += client.run(b, c.addr, calls)
	c.computed += processorTime(b, c.pid) - before
}

// benchmarkRounds makes b.N calls to each contender.
func benchmarkRounds(b *testing.B, client *load, contenders []*contender) {
	b.Helper()
	const roundCalls = 5000
	for _, c := range contenders {
		c.took, c.computed = 0, 0
	}
	for left := int64(b.N); left > 0; left -= roundCalls {
		for _, c := range contenders {
			c.run(b, client, min(left, roundCalls))
		}
	}
	n := float64(b.N)
	for _, c := range contenders {
		b.ReportMetric(n/c.took.Seconds(), c.name+"-calls/s")
		b.ReportMetric(float64(c.computed.Nanoseconds())/1e3/n, c.name+"-cpu-µs/call")
	}
	b.ReportMetric(0, "ns/op") // of all contenders together: it says nothing
}
