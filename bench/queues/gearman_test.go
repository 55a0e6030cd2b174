package queues

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
)

// The packets of Gearman's protocol that are needed here.
const (
	canDo        = 1
	preSleep     = 4
	noop         = 6
	submitJob    = 7
	jobCreated   = 8
	grabJob      = 9
	noJob        = 10
	jobAssign    = 11
	workComplete = 13
)

const (
	gearmanWorkers = 16   // connections that work
	gearmanWindow  = 1000 // jobs in flight, over all that submit
	gearmanClients = 4
)

// benchmarkGearman submits jobs that their submitter waits for to a gearmand that
// keeps them in memory.
func benchmarkGearman(b *testing.B) {
	b.Helper()
	addr := startGearmand(b)
	for range gearmanWorkers {
		worker := dialGearman(b, addr)
		go func() { _ = worker.work() }() // it ends when its connection does
	}
	clients := make([]*gearman, gearmanClients)
	for i := range clients {
		clients[i] = dialGearman(b, addr)
	}
	b.Run("jobs", func(b *testing.B) {
		errs := make([]error, len(clients))
		var all sync.WaitGroup
		for i, c := range clients {
			all.Go(func() { errs[i] = c.submit((b.N + i) / len(clients)) })
		}
		all.Wait()
		if err := errors.Join(errs...); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "tasks/s")
	})
}

// startGearmand starts a gearmand on a port of the loopback.
func startGearmand(b *testing.B) (addr string) {
	b.Helper()
	need(b, "gearmand")
	free, err := net.Listen("tcp", "127.0.0.1:0") // gearmand can't tell which port it took
	if err != nil {
		b.Fatal(err)
	}
	addr = free.Addr().String()
	_ = free.Close()
	_, port, _ := net.SplitHostPort(addr) // it is an address
	log := filepath.Join(ownFolder(b), "log")
	server := exec.Command("gearmand", "--listen", "127.0.0.1", "--port", port, "--threads", "2", "--log-file", log)
	serve(b, server, func() error {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return err
		}
		return conn.Close()
	})
	return addr
}

// A gearman is a connection to gearmand.
type gearman struct {
	net.Conn

	in  *bufio.Reader
	out *bufio.Writer
}

func dialGearman(b *testing.B, addr string) *gearman {
	b.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return &gearman{Conn: conn, in: bufio.NewReader(conn), out: bufio.NewWriter(conn)}
}

// send writes a packet, for flush to send.
func (g *gearman) send(kind uint32, data string) {
	header := binary.BigEndian.AppendUint32([]byte("\x00REQ"), kind)
	header = binary.BigEndian.AppendUint32(header, uint32(len(data))) //nolint:gosec // it is short
	_, _ = g.out.Write(header)                                        // Flush tells
	_, _ = g.out.WriteString(data)
}

// receive returns the next packet, after what is to be sent is sent.
func (g *gearman) receive() (kind uint32, data []byte, err error) {
	if g.in.Buffered() == 0 {
		if err := g.out.Flush(); err != nil {
			return 0, nil, err
		}
	}
	var header [12]byte
	if _, err := io.ReadFull(g.in, header[:]); err != nil {
		return 0, nil, err
	}
	data = make([]byte, binary.BigEndian.Uint32(header[8:]))
	_, err = io.ReadFull(g.in, data)
	return binary.BigEndian.Uint32(header[4:]), data, err
}

// work does jobs, which are nothing, until the connection ends.
func (g *gearman) work() error {
	g.send(canDo, "nothing")
	g.send(grabJob, "")
	for {
		kind, data, err := g.receive()
		if err != nil {
			return err
		}
		switch kind {
		case noJob:
			g.send(preSleep, "")
		case noop:
			g.send(grabJob, "")
		case jobAssign:
			handle, _, _ := bytes.Cut(data, []byte{0})
			g.send(workComplete, string(handle)+"\x00")
			g.send(grabJob, "")
		default:
			return fmt.Errorf("a worker gets packet %d", kind)
		}
	}
}

// submit submits so many jobs and waits until all are done.
func (g *gearman) submit(jobs int) error {
	sent := 0
	for done := 0; done < jobs; {
		for sent < jobs && sent-done < gearmanWindow/gearmanClients {
			sent++
			g.send(submitJob, "nothing\x00"+strconv.Itoa(sent)+g.LocalAddr().String()+"\x00")
		}
		kind, data, err := g.receive()
		switch {
		case err != nil:
			return err
		case kind == workComplete:
			done++
		case kind != jobCreated:
			return fmt.Errorf("a submitter gets packet %d: %q", kind, data)
		}
	}
	return nil
}
