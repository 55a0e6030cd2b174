package tagged

import (
	"bytes"
	"errors"
	"testing"
)

func TestFieldsComeBack(t *testing.T) {
	b := AppendBytes(nil, 1, "text")
	b = AppendNumber(b, 2, 0)
	b = AppendNumber(b, 3, 1<<63)
	b = AppendBytes(b, 1<<40, []byte{})
	r := Read(b)
	type field struct {
		number uint64
		bytes  string
		value  uint64
	}
	var got []field
	for r.Next() {
		got = append(got, field{r.Number, string(r.Bytes), r.Value})
	}
	want := []field{{1, "text", 0}, {3, "", 1 << 63}, {1 << 40, "", 0}}
	if r.Err() != nil || len(got) != len(want) {
		t.Fatalf("got %v, %v; want %v", got, r.Err(), want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("field %d: got %v, want %v", i, got[i], want[i])
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(AppendNumber(AppendBytes(nil, 1, "text"), 2, 7))
	f.Add([]byte{3, 255, 255, 255, 255, 15})
	f.Fuzz(func(t *testing.T, record []byte) {
		r := Read(record)
		var again []byte
		for r.Next() {
			if r.Bytes != nil {
				again = AppendBytes(again, r.Number, r.Bytes)
			} else {
				again = AppendNumber(again, r.Number, r.Value)
			}
		}
		switch {
		case r.Err() != nil && !errors.Is(r.Err(), ErrCut):
			t.Errorf("another error: %v", r.Err())
		case r.Err() == nil && len(again) > len(record) && !bytes.Equal(again, record):
			t.Errorf("%x is read as %x", record, again)
		}
	})
}
