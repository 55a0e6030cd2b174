package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"testing"
)

func openOutbox(t *testing.T) (*outbox, *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = r.Close()
		_ = w.Close()
	})
	return newOutbox(w), r
}

func TestOutboxKeepsFramesWholeAndInOrder(t *testing.T) {
	const senders, frames = 8, 500
	o, r := openOutbox(t)
	var all sync.WaitGroup
	for sender := range senders {
		all.Go(func() {
			for i := range frames {
				body := bytes.Repeat([]byte{byte(sender)}, i*sender)
				frame := endFrame(append(append(beginFrame(nil, frameLog), byte(sender), byte(i)), body...))
				if _, err := o.send(t.Context(), frame); err != nil {
					t.Error(err)
				}
			}
		})
	}
	var next [senders]byte
	reader := newFrameReader(r, 1<<20)
	for range senders * frames {
		_, body, _, err := reader.next()
		if err != nil {
			t.Fatal(err)
		}
		sender, i := body[0], body[1]
		if i != next[sender] || !bytes.Equal(body[2:], bytes.Repeat([]byte{sender}, len(body)-2)) {
			t.Fatalf("sender %d: frame %d instead of %d, of %d bytes", sender, i, next[sender], len(body))
		}
		next[sender]++
	}
	all.Wait()
	<-o.drained()
	if o.sent != o.written || !o.took(o.sent) {
		t.Errorf("sent %d, written %d", o.sent, o.written)
	}
}

func TestOutboxWaitsWhenTheReaderDoesNotRead(t *testing.T) {
	o, r := openOutbox(t)
	frame := make([]byte, 100<<10)
	ctx, cancel := context.WithCancel(t.Context())
	var sent int
	for { // until one does not return
		result := make(chan error, 1)
		go func() {
			_, err := o.send(ctx, frame)
			result <- err
		}()
		o.mu.Lock()
		full := len(o.gathered) >= gatherLimit
		o.mu.Unlock()
		if full {
			cancel()
			if err := <-result; err != nil {
				if !errors.Is(err, context.Canceled) {
					t.Errorf("got %v", err)
				}
				break
			}
		} else if err := <-result; err != nil {
			t.Fatal(err)
		}
		if sent++; sent > 100 {
			t.Fatal("there is room for everything")
		}
	}
	if _, err := o.send(nil, []byte("urgent")); err != nil { //nolint:staticcheck // nil: it does not wait
		t.Error(err)
	}
	select {
	case <-o.drained():
		t.Error("it is drained")
	default:
	}
	go func() { _, _ = io.CopyN(io.Discard, r, int64(sent*len(frame)+len("urgent"))) }()
	<-o.drained()
}

func TestOutboxEnds(t *testing.T) {
	o, r := openOutbox(t)
	end, err := o.send(t.Context(), []byte("one"))
	if err != nil || !o.took(end) {
		t.Fatal(err)
	}
	_ = r.Close()
	for err == nil { // the flusher may be another
		_, err = o.send(t.Context(), []byte("two"))
	}
	if o.took(o.sent) {
		t.Error("all was taken")
	}
	o.fail(errClosed) // the first error stays
	if _, again := o.send(t.Context(), []byte("three")); fmt.Sprint(again) != fmt.Sprint(err) {
		t.Errorf("got %v, then %v", err, again)
	}
	<-o.drained()
}
