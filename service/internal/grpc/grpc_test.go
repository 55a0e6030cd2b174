package grpc_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/taskscheduler/taskscheduler/internal/wire"
	"github.com/taskscheduler/taskscheduler/service/internal/grpc"
	"github.com/taskscheduler/taskscheduler/task"
)

// request returns a plain call's request, with other headers in place of its own.
func request(t *testing.T, body io.Reader, header ...string) *http.Request {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", body)
	r.ProtoMajor = 2
	r.Header["Content-Type"] = []string{"application/grpc"}
	for i := 0; i < len(header); i += 2 {
		r.Header[header[i]] = []string{header[i+1]}
	}
	return r
}

func TestBegin(t *testing.T) {
	tests := map[string]struct {
		header  []string
		plain   bool
		timeout time.Duration // 0: none
	}{
		"as it is":           {nil, true, 0},
		"proto":              {[]string{"Content-Type", "application/grpc+proto"}, true, 0},
		"JSON":               {[]string{"Content-Type", "application/grpc+json"}, false, 0},
		"Connect":            {[]string{"Content-Type", "application/proto"}, false, 0},
		"identity":           {[]string{"Grpc-Encoding", "identity"}, true, 0},
		"gzip":               {[]string{"Grpc-Encoding", "gzip"}, false, 0},
		"a timeout":          {[]string{"Grpc-Timeout", "90S"}, true, 90 * time.Second},
		"minutes":            {[]string{"Grpc-Timeout", "2M"}, true, 2 * time.Minute},
		"hours":              {[]string{"Grpc-Timeout", "1H"}, false, 0},
		"no unit":            {[]string{"Grpc-Timeout", "12"}, false, 0},
		"nine digits":        {[]string{"Grpc-Timeout", "123456789m"}, false, 0},
		"a negative timeout": {[]string{"Grpc-Timeout", "-1S"}, false, 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			ctx, end, plain := grpc.Begin(request(t, nil, test.header...))
			if plain != test.plain {
				t.Fatalf("got plain %t, want %t", plain, test.plain)
			}
			if !plain {
				return
			}
			defer end()
			deadline, limited := ctx.Deadline()
			if left := time.Until(deadline); limited != (test.timeout > 0) || left > test.timeout {
				t.Errorf("got a deadline %t, in %v, want one in %v", limited, left, test.timeout)
			}
		})
	}
}

// TestReadShort: one short message is read however it comes; any other body is
// left as it was.
func TestReadShort(t *testing.T) {
	const one = "\x00\x00\x00\x00\x03abc"
	tests := map[string]struct {
		body  string
		short bool
	}{
		"a message":         {one, true},
		"an empty message":  {"\x00\x00\x00\x00\x00", true},
		"two messages":      {one + one, false},
		"half a message":    {one[:6], false},
		"nothing":           {"", false},
		"a compressed one":  {"\x01" + one[1:], false},
		"a large one":       {"\x00\x00\x00\x40\x00" + strings.Repeat("x", 16<<10), false},
		"one that is short": {"\x00\x00\x00\x3f\x00" + strings.Repeat("x", 16128), true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, reader := range []io.Reader{strings.NewReader(test.body), iotest.OneByteReader(strings.NewReader(test.body))} {
				r := request(t, reader)
				message, short := grpc.ReadShort(r, nil)
				if short != test.short || short && string(message) != test.body[grpc.HeadBytes:] {
					t.Fatalf("got %q, %t", message, short)
				}
				if short {
					continue
				}
				if left, err := io.ReadAll(r.Body); err != nil || string(left) != test.body {
					t.Errorf("%d bytes are left, %v, want %d", len(left), err, len(test.body))
				}
			}
		})
	}
}

// wholeBody is a body as our HTTP/2 server has it when it came in one piece: the
// tests of internal/http2 ask for the same method.
type wholeBody struct {
	io.Reader

	bytes []byte
}

func (*wholeBody) Close() error    { return nil }
func (b *wholeBody) Bytes() []byte { return b.bytes }

func TestReadShortCopiesNoBodyThatIsWhole(t *testing.T) {
	whole := []byte("\x00\x00\x00\x00\x03abc")
	r := request(t, http.NoBody)
	r.Body = &wholeBody{iotest.ErrReader(errors.New("it was read")), whole}
	if message, short := grpc.ReadShort(r, nil); !short || &message[0] != &whole[grpc.HeadBytes] {
		t.Errorf("got %q, %t", message, short)
	}
	r.Body = &wholeBody{bytes.NewReader(whole), nil} // it comes in pieces
	if message, short := grpc.ReadShort(r, nil); !short || string(message) != "abc" {
		t.Errorf("got %q, %t", message, short)
	}
}

func TestReadShortKeepsAnError(t *testing.T) {
	broken := errors.New("broken")
	r := request(t, io.MultiReader(strings.NewReader("\x00\x00"), iotest.ErrReader(broken)))
	if _, short := grpc.ReadShort(r, nil); short {
		t.Fatal("half a message was read")
	}
	if left, err := io.ReadAll(r.Body); !errors.Is(err, broken) || string(left) != "\x00\x00" {
		t.Errorf("got %q, %v", left, err)
	}
}

func TestTrailer(t *testing.T) {
	header := http.Header{}
	grpc.SetTrailer(header, nil)
	if got := header["Trailer:Grpc-Status"]; len(got) != 1 || got[0] != "0" {
		t.Errorf("got %q", header)
	}
	grpc.SetTrailer(header, task.Errorf(task.InvalidArgument, " 100 %% naïve\n"))
	if got := header["Trailer:Grpc-Status"][0]; got != "3" {
		t.Errorf("got status %s", got)
	}
	if got := header["Trailer:Grpc-Message"][0]; got != "%20100 %25 na%C3%AFve%0A" {
		t.Errorf("got message %q", got)
	}
}

// TestAppendMessage: large answers are compressed if the client takes that, and
// what stands before them stays.
func TestAppendMessage(t *testing.T) {
	for _, size := range []int{1, 100_000} {
		for _, compress := range []bool{false, true} {
			b, err := grpc.AppendMessage([]byte("before"), &wire.TaskResponse{Result: strings.Repeat("x", size)}, compress)
			if err != nil {
				t.Fatal(err)
			}
			message, ok := bytes.CutPrefix(b, []byte("before"))
			if want := compress && size > 1; !ok || (message[0] == 1) != want || want != (len(message) < size) {
				t.Errorf("%d bytes, compress %t: got %d bytes, flag %d", size, compress, len(message), message[0])
			}
		}
	}
}
