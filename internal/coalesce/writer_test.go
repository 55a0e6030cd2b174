package coalesce

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testLimit = 256 << 10

// writers are a Writer of each kind, to the pipe that is read from r.
func writers(t *testing.T, test func(t *testing.T, w *Writer, r *os.File)) {
	t.Helper()
	for name, open := range map[string]func(*os.File) *Writer{
		"by a goroutine": func(pipe *os.File) *Writer { return NewWriter(pipe, testLimit) },
		"eagerly":        func(pipe *os.File) *Writer { return NewPipeWriter(pipe, testLimit) },
	} {
		t.Run(name, func(t *testing.T) {
			r, pipe, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				_ = r.Close()
				_ = pipe.Close()
			})
			test(t, open(pipe), r)
		})
	}
}

func TestWhatIsHeldWaitsForTheNextOrAFlush(t *testing.T) {
	writers(t, func(t *testing.T, w *Writer, r *os.File) {
		read := func(want string) {
			t.Helper()
			got := make([]byte, len(want))
			if _, err := io.ReadFull(r, got); err != nil || string(got) != want {
				t.Fatalf("read %q, %v; want %q", got, err, want)
			}
		}
		hold := func(text string) uint64 {
			t.Helper()
			end, err := w.Hold([]byte(text), nil)
			if err != nil {
				t.Fatal(err)
			}
			return end
		}
		if end := hold("a"); w.Written(end) {
			t.Error("it is written at once")
		}
		hold("b")
		w.Flush()
		read("ab")
		<-w.Idle()
		w.Flush()
		hold("c")
		if _, err := w.Add([]byte("d"), nil); err != nil {
			t.Fatal(err)
		}
		read("cd")
		<-w.Idle()
		hold(strings.Repeat("e", mostHeld))
		hold("f") // is more than waits
		read(strings.Repeat("e", mostHeld) + "f")
		w.End(io.ErrClosedPipe)
		if _, err := w.Hold([]byte("g"), nil); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("after the end: %v", err)
		}
	})
}

func TestPiecesAreWholeAndInOrder(t *testing.T) {
	const senders, pieces = 8, 500
	writers(t, func(t *testing.T, w *Writer, r *os.File) {
		var all sync.WaitGroup
		for sender := range senders {
			all.Go(func() {
				for i := range pieces {
					body := bytes.Repeat([]byte{byte(sender)}, i*sender)
					piece := append(binary.LittleEndian.AppendUint32(nil, uint32(len(body))), byte(sender), byte(i))
					if _, err := w.Add(append(piece, body...), nil); err != nil {
						t.Error(err)
					}
				}
			})
		}
		var next [senders]byte
		for range senders * pieces {
			var head [6]byte
			if _, err := io.ReadFull(r, head[:]); err != nil {
				t.Fatal(err)
			}
			body := make([]byte, binary.LittleEndian.Uint32(head[:]))
			if _, err := io.ReadFull(r, body); err != nil {
				t.Fatal(err)
			}
			sender, i := head[4], head[5]
			if i != next[sender] || !bytes.Equal(body, bytes.Repeat([]byte{sender}, len(body))) {
				t.Fatalf("sender %d: piece %d instead of %d, of %d bytes", sender, i, next[sender], len(body))
			}
			next[sender]++
		}
		all.Wait()
		<-w.Idle()
		if w.added != w.written || !w.Written(w.added) {
			t.Errorf("added %d, written %d", w.added, w.written)
		}
	})
}

// fill adds until a buffer is being written that the pipe has no room for, and
// another one is full. It returns how many bytes it has added.
func fill(t *testing.T, w *Writer) int {
	t.Helper()
	piece := make([]byte, 100<<10)
	for added := len(piece); added < 100*len(piece); added += len(piece) {
		if _, err := w.Add(piece, nil); err != nil {
			t.Fatal(err)
		}
		w.mu.Lock()
		full := w.buffer != nil && len(*w.buffer) >= testLimit && len(*w.buffer) < added
		w.mu.Unlock()
		if full {
			return added
		}
	}
	t.Fatal("there is room for everything")
	return 0
}

func TestAddWaitsWhenTheReaderDoesNotRead(t *testing.T) {
	writers(t, func(t *testing.T, w *Writer, r *os.File) {
		cancelled := make(chan struct{})
		waits := make(chan error)
		added := fill(t, w)
		go func() {
			_, err := w.Add([]byte("never"), func() <-chan struct{} { return cancelled })
			waits <- err
		}()
		close(cancelled)
		if err := <-waits; !errors.Is(err, ErrCancelled) {
			t.Errorf("got %v", err)
		}
		if _, err := w.AddAtOnce([]byte("urgent")); err != nil {
			t.Error(err)
		}
		go func() {
			_, err := w.Add([]byte("last"), nil) // until there is room
			waits <- err
		}()
		select {
		case <-w.Idle():
			t.Error("it has written everything")
		default:
		}
		got := make([]byte, added+len("urgent")+len("last"))
		if _, err := io.ReadFull(r, got); err != nil || !bytes.HasSuffix(got, []byte("urgentlast")) {
			t.Errorf("read … %q, %v", got[len(got)-20:], err)
		}
		if err := <-waits; err != nil {
			t.Error(err)
		}
		<-w.Idle()
	})
}

func TestAFailureEndsAWriter(t *testing.T) {
	writers(t, func(t *testing.T, w *Writer, r *os.File) {
		end, err := w.Add([]byte("one"), nil)
		<-w.Idle()
		if err != nil || !w.Written(end) || w.Failed() {
			t.Fatalf("%v, failed: %t", err, w.Failed())
		}
		_ = r.Close()
		for err == nil { // the one that fails may be another's
			_, err = w.Add([]byte("two"), nil)
		}
		if w.Written(w.added) || !w.Failed() {
			t.Error("all was written")
		}
		w.Fail(errors.New("other")) // the first error stays
		if _, again := w.Add([]byte("three"), nil); fmt.Sprint(again) != fmt.Sprint(err) {
			t.Errorf("got %v, then %v", err, again)
		}
		<-w.Idle()
	})
}

func TestEndWritesWhatWasAdded(t *testing.T) {
	writers(t, func(t *testing.T, w *Writer, r *os.File) {
		large := make([]byte, testLimit) // more than the pipe holds
		if _, err := w.Add(large, nil); err != nil {
			t.Fatal(err)
		}
		over := errors.New("over")
		w.End(over)
		if _, err := w.Add([]byte("x"), nil); !errors.Is(err, over) {
			t.Errorf("got %v", err)
		}
		if _, err := io.ReadFull(r, large); err != nil {
			t.Fatal(err)
		}
		if <-w.Idle(); w.Failed() {
			t.Error("it is said to have failed")
		}
	})
}

func TestFailDropsWhatWaits(t *testing.T) {
	writers(t, func(t *testing.T, w *Writer, r *os.File) {
		fill(t, w)
		waits := make(chan error)
		go func() {
			_, err := w.Add([]byte("x"), nil)
			waits <- err
		}()
		over := errors.New("over")
		w.Fail(over)
		if err := <-waits; !errors.Is(err, over) {
			t.Errorf("got %v", err)
		}
		if w.Written(w.added) {
			t.Error("what was dropped is said to be written")
		}
		go func() { _, _ = io.Copy(io.Discard, r) }() // the write that goes on
		<-w.Idle()
	})
}
