package coalesce

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// tcpPair returns the two ends of a connection, the first one coalescing.
func tcpPair(t *testing.T) (*Conn, *net.TCPConn) {
	t.Helper()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inner.Close()
	listener := &Listener{Listener: inner}
	peer, err := net.Dial("tcp", inner.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		peer.Close()
		conn.Close()
		listener.Wait()
	})
	return conn.(*Conn), peer.(*net.TCPConn)
}

// pipePair is tcpPair for tests about time: a pipe has no buffers of its own,
// and works under synctest.
func pipePair(t *testing.T) (*Conn, net.Conn) {
	t.Helper()
	inner, peer := net.Pipe()
	conn := newConn(inner, new(sync.WaitGroup))
	t.Cleanup(func() {
		peer.Close()
		conn.Close()
		conn.lingering.Wait()
	})
	return conn, peer
}

func randomBytes(n int) []byte {
	random, b := rand.NewChaCha8([32]byte{}), make([]byte, n)
	_, _ = random.Read(b)
	return b
}

func TestCoalescedWritesArriveInOrder(t *testing.T) {
	conn, peer := tcpPair(t)
	content := randomBytes(8 << 20)
	go func() {
		defer conn.Close() // with a good part still in the buffer
		random := rand.New(rand.NewPCG(1, 2))
		for rest := content; len(rest) > 0; {
			size := 1 + random.IntN(300)
			if random.IntN(10) == 0 {
				size = random.IntN(5 * connLimit)
			}
			size = min(size, len(rest))
			if n, err := conn.Write(rest[:size]); n != size || err != nil {
				t.Errorf("Write = %d, %v; want %d", n, err, size)
				return
			}
			rest = rest[size:]
		}
	}()
	got, err := io.ReadAll(peer)
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("read %d bytes (%v), want the %d that were written, in order", len(got), err, len(content))
	}
}

// gatedConn lets no Write begin before the gate opens, and counts them.
type gatedConn struct {
	net.Conn
	gate   chan struct{}
	writes atomic.Int32
}

func (c *gatedConn) Write(p []byte) (int, error) {
	<-c.gate
	c.writes.Add(1)
	return c.Conn.Write(p)
}

func TestSmallWritesBecomeOne(t *testing.T) {
	conn, peer := tcpPair(t)
	gated := &gatedConn{Conn: conn.Conn, gate: make(chan struct{})}
	conn.Conn = gated
	const writes = 1000
	for range writes {
		if _, err := conn.Write([]byte("small ")); err != nil {
			t.Fatal(err)
		}
	}
	close(gated.gate)
	if _, err := io.ReadFull(peer, make([]byte, writes*len("small "))); err != nil {
		t.Fatal(err)
	}
	// The first may have begun to wait at the gate before the others came.
	if got := gated.writes.Load(); got > 2 {
		t.Errorf("%d writes reached the socket, want at most 2", got)
	}
}

func TestWriteErrorIsReportedByLaterWrites(t *testing.T) {
	conn, peer := tcpPair(t)
	if err := errors.Join(peer.SetLinger(0), peer.Close()); err != nil {
		t.Fatal(err)
	}
	var first error
	for first == nil {
		_, first = conn.Write([]byte("to nobody"))
	}
	if n, err := conn.Write([]byte("again")); n != 0 || !errors.Is(err, first) {
		t.Errorf("a later Write = %d, %v; want 0, %v", n, err, first)
	}
	if _, err := conn.Read(make([]byte, 1)); err == nil {
		t.Error("Read succeeded on a connection that can't be written to")
	}
}

func TestWriteWaitsForSlowPeerUntilDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := pipePair(t)
		content := randomBytes(5 * connLimit)
		start := time.Now()
		if err := conn.SetWriteDeadline(start.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		// One buffer is being written, one is full; the peer reads neither.
		n, err := conn.Write(content)
		if n <= connLimit || n > 2*connLimit || !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) != time.Second {
			t.Fatalf("Write = %d, %v after %v; want at most %d and a timeout after 1s", n, err, time.Since(start), 2*connLimit)
		}
		if _, err := conn.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write after the deadline: %v", err)
		}

		// The deadline spoils nothing: what was taken arrives, and so does the rest.
		if err := conn.SetWriteDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(content))
		go func() {
			if n, err := conn.Write(content[n:]); err != nil {
				t.Errorf("Write without a deadline = %d, %v", n, err)
			}
		}()
		if _, err := io.ReadFull(peer, got); err != nil || !bytes.Equal(got, content) {
			t.Errorf("the peer got something else than was written (%v)", err)
		}
	})
}

func TestMovedDeadlineWakesWaitingWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, _ := pipePair(t)
		wrote := make(chan error)
		go func() {
			_, err := conn.Write(make([]byte, 5*connLimit))
			wrote <- err
		}()
		synctest.Wait()
		if err := conn.SetDeadline(time.Now()); err != nil {
			t.Fatal(err)
		}
		if err := <-wrote; !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write: %v, want a timeout", err)
		}
	})
}

func TestPeerThatTakesNothingIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, _ := pipePair(t)
		start := time.Now()
		go conn.Write([]byte("hello?"))
		_, err := conn.Read(make([]byte, 1)) // as an HTTP server would
		if waited := time.Since(start); err == nil || waited > stallTimeout || waited < stallTimeout/2 {
			t.Errorf("Read ended after %v with %v; want an error within %v", waited, err, stallTimeout)
		}
		if _, err := conn.Write([]byte("x")); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write: %v, want the timeout that ended the connection", err)
		}
	})
}

func TestCloseSendsWhatWasWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := pipePair(t)
		read := make(chan error)
		go func() {
			_, err := conn.Read(make([]byte, 1))
			read <- err
		}()
		content := randomBytes(connLimit)
		if _, err := conn.Write(content); err != nil {
			t.Fatal(err)
		}
		if err := conn.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
		// For this side it is over at once…
		if err := <-read; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Read: %v, want net.ErrClosed", err)
		}
		if _, err := conn.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Write: %v, want net.ErrClosed", err)
		}
		if err := conn.SetDeadline(time.Time{}); !errors.Is(err, net.ErrClosed) {
			t.Errorf("SetDeadline: %v, want net.ErrClosed", err)
		}
		if err := conn.Close(); !errors.Is(err, net.ErrClosed) {
			t.Errorf("a second Close: %v, want net.ErrClosed", err)
		}
		// …but the peer still gets everything.
		if got, err := io.ReadAll(peer); err != nil || !bytes.Equal(got, content) {
			t.Errorf("the peer got %d bytes (%v), want %d", len(got), err, len(content))
		}
	})
}

func TestCloseGivesUpOnPeerThatTakesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, _ := pipePair(t)
		if _, err := conn.Write([]byte("bye")); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if err := conn.Close(); err != nil || time.Since(start) != 0 {
			t.Errorf("Close: %v after %v, want it to return at once", err, time.Since(start))
		}
		conn.lingering.Wait()
		if waited := time.Since(start); waited != lingerTimeout {
			t.Errorf("the socket was closed after %v, want %v", waited, lingerTimeout)
		}
	})
}

func TestCloseWriteLeavesReadingOpen(t *testing.T) {
	conn, peer := tcpPair(t)
	if _, err := conn.Write([]byte("question")); err != nil {
		t.Fatal(err)
	}
	if err := conn.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write([]byte("x")); err == nil {
		t.Error("Write succeeded after CloseWrite")
	}
	if got, err := io.ReadAll(peer); err != nil || string(got) != "question" {
		t.Errorf("the peer read %q, %v", got, err)
	}
	if _, err := peer.Write([]byte("answer")); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, len("answer"))
	if _, err := io.ReadFull(conn, got); err != nil || string(got) != "answer" {
		t.Errorf("read %q, %v", got, err)
	}
}

func TestConcurrentUseAndClose(t *testing.T) {
	for range 50 {
		conn, peer := tcpPair(t)
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				for {
					if _, err := conn.Write([]byte("some bytes")); err != nil {
						return
					}
				}
			})
		}
		wait.Go(func() { io.Copy(io.Discard, conn) })
		if _, err := io.CopyN(io.Discard, peer, 4<<10); err != nil {
			t.Error(err)
		}
		conn.Close()
		wait.Wait()
		io.Copy(io.Discard, peer)
	}
}
