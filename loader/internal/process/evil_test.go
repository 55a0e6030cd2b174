package process_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/taskscheduler/taskscheduler/loader/internal/process"
	"github.com/taskscheduler/taskscheduler/task"
)

// The frames of the protocol, as someone writes them who means no good.
const (
	hello, refusal, answer, pong, logLine, progress = 1, 2, 6, 7, 8, 9
)

func frame(kind byte, parts ...any) []byte {
	body := []byte{kind}
	for _, part := range parts {
		switch part := part.(type) {
		case int: // an id
			body = binary.LittleEndian.AppendUint64(body, uint64(part))
		case uint64:
			body = binary.LittleEndian.AppendUint64(body, part)
		case []byte:
			body = append(body, part...)
		case string:
			body = append(binary.AppendUvarint(body, uint64(len(part))), part...)
		}
	}
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(body))), body...)
}

// goodHello offers one task.
var goodHello = frame(hello, []byte{1, 0, 0, 0, 1}, "task", []byte{0, 0, 0})

// An evilChild answers everything but the first ping, which makes it loaded,
// with something. It gets the id that it is asked with.
type evilChild struct {
	first  []byte // instead of a hello
	answer func(id uint64) []byte
	then   func() // after that
	want   string // what the error is to say
	lives  bool   // the process is not killed for it
}

var evilChildren = map[string]evilChild{
	"noise":            {first: []byte("Hello, world! This is what I print.\n"), want: "broke the protocol"},
	"nothing":          {first: []byte{}, want: "while loading, the process exited with code 0"},
	"half a hello":     {first: goodHello[:6], want: "exited with code 0: it broke the protocol: unexpected EOF"},
	"answer first":     {first: frame(answer, 1, []byte{0, 0}), want: "a frame of kind 6 came first"},
	"other protocol":   {first: frame(hello, []byte{9, 0, 0}), want: "speaks version 9"},
	"too many tasks":   {first: frame(hello, []byte{1, 0, 0, 0}, binary.AppendUvarint(nil, 1<<40)), want: "table of tasks"},
	"many empty tasks": {first: frame(hello, []byte{1, 0, 0, 0, 0xff, 0xff, 0x7f}, make([]byte, 1<<22)), want: "too large"},
	"hello and more":   {first: frame(hello, []byte{1, 0, 0, 0, 0, 0}), want: "something follows its end"},
	"bad refusal":      {first: frame(refusal, []byte("\xff\xfe")), want: "\uFFFD"},
	"long refusal":     {first: frame(refusal, make([]byte, 1<<22)), want: "plugin evil"},
	"4 GB frame": {
		answer: func(uint64) []byte { return []byte{255, 255, 255, 255, answer} },
		want:   "a frame of 4294967295 bytes",
	},
	"empty frame":   {answer: func(uint64) []byte { return []byte{0, 0, 0, 0, 0} }, want: "a frame of 0 bytes"},
	"half a frame":  {answer: func(uint64) []byte { return []byte{100, 0, 0, 0, answer} }, want: "exited with code 0"},
	"unknown kind":  {answer: func(uint64) []byte { return frame(77) }, want: "a frame of kind 77"},
	"hello again":   {answer: func(uint64) []byte { return goodHello }, want: "a frame of kind 1"},
	"call":          {answer: func(id uint64) []byte { return frame(3, id) }, want: "a frame of kind 3"},
	"short answer":  {answer: func(uint64) []byte { return frame(answer, []byte{1, 2}) }, want: "ends too early"},
	"1 GB of bytes": {answer: func(uint64) []byte { return nil }, then: flood, want: "a frame of"},

	"bad UTF-8":     wrongAnswer([]byte{0, 8, 1, 0xff}, "not valid UTF-8"),
	"bad kind":      wrongAnswer([]byte{0, 99}, "no kind"),
	"bad status":    wrongAnswer([]byte{99, 0}, "not of its kind"),
	"bad bool":      wrongAnswer([]byte{0, 1, 2}, "not of its kind"),
	"big int32":     wrongAnswer(binary.AppendVarint([]byte{0, 2}, math.MaxInt64), "not of its kind"),
	"endless int":   wrongAnswer(append([]byte{0, 3}, bytes.Repeat([]byte{0xff}, 50)...), "ends too early"),
	"long string":   wrongAnswer(binary.AppendUvarint([]byte{0, 8}, math.MaxUint64), "ends too early"),
	"long list":     wrongAnswer(binary.AppendUvarint([]byte{0, 10}, 1<<62), "ends too early"),
	"amplification": wrongAnswer(append(binary.AppendUvarint([]byte{0, 10}, 8<<20), make([]byte, 8<<20)...), "too large"),
	"big map":       wrongAnswer(append(binary.AppendUvarint([]byte{0, 11}, 4<<20), make([]byte, 8<<20)...), "too large"),
	"deep":          wrongAnswer(append([]byte{0}, bytes.Repeat([]byte{10, 1}, 100_000)...), "more than 100 lists"),
	"left overs":    wrongAnswer([]byte{0, 0, 0}, "something follows its end"),
	"no value":      wrongAnswer([]byte{0}, "ends too early"),

	// Frames that are to be ignored come before a good answer.
	"foreign ids": ignored(func(id uint64) []byte {
		return slices.Concat(frame(answer, 0, []byte{0, 0}), frame(answer, id+1, []byte{0, 0}),
			frame(answer, id+1<<32, []byte{0, 0}), frame(answer, uint64(math.MaxUint64), []byte{0, 0}), frame(pong, 12345))
	}),
	"odd logs": ignored(func(id uint64) []byte {
		return slices.Concat(frame(logLine), frame(logLine, id), frame(logLine, 99, []byte{0}, []byte("\xff\x00")),
			frame(progress), frame(progress, id), frame(progress, id, math.Float64bits(math.NaN()), []byte("\xff")))
	}),
	"million logs": ignored(func(id uint64) []byte {
		return bytes.Repeat(frame(logLine, id, []byte{0}, bytes.Repeat([]byte("spam"), 10)), 20_000)
	}),
	"liar": ignored(func(id uint64) []byte {
		lies := []byte{}
		for _, other := range []uint64{0, id - 1, id + 1, id - 1<<32, id + 1<<32, math.MaxUint64} { // ended, to come, nobody's
			lies = append(lies, frame(logLine, other, []byte{0}, []byte("a lie"))...)
			lies = append(lies, frame(progress, other, math.Float64bits(0.9), []byte("a lie"))...)
		}
		for _, fraction := range []float64{math.NaN(), math.Inf(1), -1, 2, 0.5} {
			lies = append(lies, frame(progress, id, math.Float64bits(fraction), []byte("\xffhalf"))...)
		}
		lies = append(lies, frame(logLine, id, binary.AppendVarint(nil, math.MaxInt64), bytes.Repeat([]byte("l"), 64<<10))...)
		return append(lies, frame(logLine, id, []byte{0}, []byte("\xff\xfe"))...)
	}),
	"answer twice": {answer: func(id uint64) []byte {
		return append(frame(answer, id, []byte{0, 8}, "fine"), bytes.Repeat(frame(answer, id, []byte{0, 8}, "again"), 1000)...)
	}, lives: true},
}

// wrongAnswer fails its call and nothing else.
func wrongAnswer(body []byte, want string) evilChild {
	return evilChild{
		answer: func(id uint64) []byte { return frame(answer, id, body) },
		want:   want, lives: true,
	}
}

func ignored(before func(id uint64) []byte) evilChild {
	return evilChild{lives: true, answer: func(id uint64) []byte {
		return append(before(id), frame(answer, id, []byte{0, 8}, "fine")...)
	}}
}

// flood writes a gigabyte of a frame.
func flood() {
	_, _ = os.Stdout.Write(binary.LittleEndian.AppendUint32(nil, 1<<30))
	junk := make([]byte, 1<<20)
	for range 1 << 10 {
		if _, err := os.Stdout.Write(junk); err != nil {
			return
		}
	}
}

// beEvil makes the process an evil child when it was started as that.
func beEvil() {
	if len(os.Args) != 3 || os.Args[1] != "evil" {
		return
	}
	var options struct{ Path string }
	if err := json.Unmarshal([]byte(os.Args[2]), &options); err != nil {
		panic(err)
	}
	child := evilChildren[options.Path]
	if child.first != nil {
		_, _ = os.Stdout.Write(child.first)
		syscall.Exit(0)
	}
	_, _ = os.Stdout.Write(goodHello)
	for first := true; ; first = false {
		var head [13]byte
		if _, err := io.ReadFull(os.Stdin, head[:]); err != nil {
			syscall.Exit(0)
		}
		size, kind, id := binary.LittleEndian.Uint32(head[:]), head[4], binary.LittleEndian.Uint64(head[5:])
		_, _ = io.CopyN(io.Discard, os.Stdin, int64(size)-9)
		switch {
		case first || kind == 5:
			_, _ = os.Stdout.Write(frame(pong, id))
			continue
		case kind == 4:
			continue
		}
		_, _ = os.Stdout.Write(child.answer(id))
		if child.then != nil {
			child.then()
		}
		if !child.lives {
			syscall.Exit(0)
		}
	}
}

func TestEvilChildren(t *testing.T) {
	t.Parallel()
	for name, child := range evilChildren {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := tryStart(t, process.Config{Name: "evil", Path: name})
			if child.first != nil {
				if err == nil || !strings.Contains(err.Error(), child.want) {
					t.Fatalf("got %.300v; want … %s …", err, child.want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close(t.Context())
			for range 50 {
				v, err := p.Call(t.Context(), 0, process.CallInfo{}, nil)
				switch s, _ := v.Str(); {
				case child.want != "" && child.lives:
					wantError(t, err, task.Internal, child.want)
				case child.want != "":
					if err == nil || !strings.Contains(err.Error(), child.want) {
						t.Errorf("got %v, %v; want … %s …", v, err, child.want)
					}
				case err != nil || s != "fine":
					t.Errorf("got %v, %v", v, err)
				}
			}
			if child.lives {
				if err := p.Health(t.Context()); err != nil {
					t.Error(err)
				}
				return
			}
			if err := awaitExit(t, p); err == nil || !strings.Contains(err.Error(), child.want) {
				t.Errorf("exit: %v; want … %s …", err, child.want)
			}
		})
	}
}

func TestEvilChildrenTakeNoMemory(t *testing.T) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for _, name := range []string{"4 GB frame", "1 GB of bytes", "amplification", "big map", "million logs"} {
		p, err := tryStart(t, process.Config{Name: "evil", Path: name})
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Call(t.Context(), 0, process.CallInfo{}, nil)
		if err == nil && name != "million logs" || errors.Is(err, process.ErrNotDelivered) {
			t.Errorf("%s: %v", name, err)
		}
		p.Close(t.Context())
	}
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 256<<20 {
		t.Errorf("%d MiB were allocated", took>>20)
	}
}
