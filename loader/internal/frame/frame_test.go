package frame

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/taskscheduler/taskscheduler/loader/internal/library"
	"github.com/taskscheduler/taskscheduler/task"
)

func TestCallFrame(t *testing.T) {
	want := library.Call{
		ID: 1<<32 | 7, Task: 300, Attempt: 1 << 31, Deadline: time.Unix(12345, 678), TaskID: "id",
		Args: []task.Value{task.Int32(-1), task.String("x")},
	}
	frame, err := AppendCall(nil, 1000, &want)
	if err != nil {
		t.Fatal(err)
	}
	var got library.Call
	if err := ParseCall(frame[headBytes:], 1000, &got); err != nil {
		t.Fatal(err)
	}
	if !got.Deadline.Equal(want.Deadline) || task.ListOf(got.Args...).String() != task.ListOf(want.Args...).String() ||
		got.ID != want.ID || got.Task != want.Task || got.Attempt != want.Attempt || got.TaskID != want.TaskID {
		t.Errorf("got %+v, want %+v", got, want)
	}
	for cut := range len(frame) - headBytes {
		if err := ParseCall(frame[headBytes:headBytes+cut], 1000, &got); err == nil {
			t.Errorf("cut after %d bytes: no error", cut)
		}
	}
}

// TestNoFrameIsLongerThanTheLimit makes sure that what one end sends, the other
// one takes.
func TestNoFrameIsLongerThanTheLimit(t *testing.T) {
	const limit = 200
	values := func(n int) []task.Value {
		return []task.Value{
			task.Bytes(make([]byte, n)), task.String(strings.Repeat("x", n)),
			task.ListOf(slices.Repeat([]task.Value{task.Int64(-1 << 63)}, n)...),
			task.ListOf(make([]task.Value, n)...),
			task.MapOf(map[string]task.Value{strings.Repeat("k", n): task.Uint64(1<<64 - 1)}),
		}
	}
	sent := 0
	for n := range 2 * limit {
		for _, v := range values(n) {
			frame, err := AppendAnswer(nil, limit, 1, library.OK, v)
			if err != nil {
				continue
			}
			sent++
			if _, err := NewReader(bytes.NewReader(frame), limit).Next(); err != nil {
				t.Errorf("%d in a %s: %v", n, v.Kind(), err)
			}
		}
	}
	if sent < limit {
		t.Errorf("only %d frames were made", sent)
	}
}

func TestFrameReader(t *testing.T) {
	var stream []byte
	sizes := []int{0, 1, 100, readBuffer - headBytes - 1, readBuffer - headBytes, readBuffer, 3 * readBuffer, 5}
	for i, size := range sizes {
		frame := append(begin(nil, Kind(i)), bytes.Repeat([]byte{byte(i)}, size)...)
		stream = append(stream, end(frame)...)
	}
	for name, r := range map[string]io.Reader{
		"at once": bytes.NewReader(stream), "in halves": iotest.HalfReader(bytes.NewReader(stream)),
		"by bytes": iotest.OneByteReader(bytes.NewReader(stream)), "end with data": iotest.DataErrReader(bytes.NewReader(stream)),
	} {
		reader := NewReader(r, 4*readBuffer)
		for i, size := range sizes {
			got, err := reader.Next()
			if err != nil || int(got.Kind) != i || !bytes.Equal(got.Body, bytes.Repeat([]byte{byte(i)}, size)) {
				t.Fatalf("%s, frame %d: kind %d, %d bytes, %v", name, i, got.Kind, len(got.Body), err)
			}
		}
		if _, err := reader.Next(); err != io.EOF { //nolint:errorlint // Next promises io.EOF itself
			t.Errorf("%s: at the end %v", name, err)
		}
	}
	for _, cut := range []int{1, 4, 5, 6, len(stream) - 1} {
		reader := NewReader(bytes.NewReader(stream[:cut]), 4*readBuffer)
		err := error(nil)
		for err == nil {
			_, err = reader.Next()
		}
		if atEnd := cut == headBytes; errors.Is(err, io.ErrUnexpectedEOF) == atEnd {
			t.Errorf("cut after %d: %v", cut, err)
		}
	}
}
