// Package literal reads a task's arguments from the words of a command line:
// numbers, true, false, lists and maps as JSON writes them, any other word a
// string, and i64:5 or bytes:@file where a type is said.
package literal

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/internal/clip"
	"github.com/taskscheduler/taskscheduler/task"
)

var (
	errRange  = errors.New("out of range")
	errNumber = errors.New("not a number of this type")
	errUTF8   = errors.New("not valid UTF-8; bytes: takes anything")
)

// jsonNumber is a number as JSON writes it. The parts after the first are
// there only in what becomes a double.
var jsonNumber = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)

// Parse turns the words of a command line into a task's arguments, and reads
// stdin where one says so. Its errors are the user's, and name the argument:
// "argument 2: i32:x: not a number of this type".
func Parse(words []string, stdin io.Reader) ([]any, error) {
	literals := reader{stdin, os.ReadFile}
	args := make([]any, len(words))
	for i, word := range words {
		v, err := literals.word(word)
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		args[i] = v
	}
	return args, nil
}

// ParseJSON turns JSON values into a task's arguments, as [Parse] does with
// those inside a word: strings may be typed.
func ParseJSON(values []json.RawMessage) ([]any, error) {
	literals := reader{taken{}, os.ReadFile}
	args := make([]any, len(values))
	for i, text := range values {
		v, err := literals.json(string(text))
		if err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
		args[i] = v
	}
	return args, nil
}

// taken is a standard input that carries the values themselves.
type taken struct{}

func (taken) Read([]byte) (int, error) { return 0, errors.New("standard input has the tasks") }

// reader turns words into values.
type reader struct {
	stdin    io.Reader                    // for bytes:@-
	readFile func(string) ([]byte, error) // for bytes:@file
}

// word is a word of the command line: typed, a number, true, false, JSON, or
// else a string.
func (r reader) word(word string) (task.Value, error) {
	if v, ok, err := r.typed(word); ok {
		return v, err
	}
	if v, err := boolean(word); err == nil {
		return v, nil
	}
	switch {
	case !utf8.ValidString(word):
		return task.Value{}, wordError(word, errUTF8)
	case jsonNumber.MatchString(word):
		return number(word)
	case strings.HasPrefix(word, "["), strings.HasPrefix(word, "{"):
		v, err := r.json(word)
		if err != nil {
			return task.Value{}, wordError(word, err)
		}
		return v, nil
	default:
		return task.String(word), nil
	}
}

// typed is a word with a type in front; ok is false when it has none.
func (r reader) typed(word string) (v task.Value, ok bool, err error) {
	prefix, text, found := strings.Cut(word, ":")
	if !found {
		return task.Value{}, false, nil
	}
	switch prefix {
	case "i32":
		v, err = integer(text, 32, func(i int64) task.Value { return task.Int32(int32(i)) })
	case "i64":
		v, err = integer(text, 64, task.Int64)
	case "u32":
		v, err = unsigned(text, 32, func(u uint64) task.Value { return task.Uint32(uint32(u)) })
	case "u64":
		v, err = unsigned(text, 64, task.Uint64)
	case "f32":
		v, err = decimal(text, 32, func(f float64) task.Value { return task.Float(float32(f)) })
	case "f64":
		v, err = decimal(text, 64, task.Double)
	case "bool":
		v, err = boolean(text)
	case "str":
		v, err = text8(text)
	case "bytes":
		v, err = r.bytes(text)
	case "b64":
		v, err = base64Bytes(text)
	default:
		return task.Value{}, false, nil
	}
	if err != nil {
		return task.Value{}, true, wordError(word, err)
	}
	return v, true, nil
}

// number is what jsonNumber matches: the smallest of int32, int64 and uint64
// that holds it, or a double.
func number(text string) (task.Value, error) {
	if parts := jsonNumber.FindStringSubmatch(text); parts[1] != "" || parts[2] != "" {
		f, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return task.Value{}, wordError(text, errRange)
		}
		return task.Double(f), nil
	}
	if i, err := strconv.ParseInt(text, 10, 64); err == nil {
		if i >= math.MinInt32 && i <= math.MaxInt32 {
			return task.Int32(int32(i)), nil
		}
		return task.Int64(i), nil
	}
	u, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return task.Value{}, wordError(text, errRange)
	}
	return task.Uint64(u), nil
}

func integer(text string, bits int, of func(int64) task.Value) (task.Value, error) {
	i, err := strconv.ParseInt(text, 10, bits)
	return of(i), numberError(err)
}

func unsigned(text string, bits int, of func(uint64) task.Value) (task.Value, error) {
	u, err := strconv.ParseUint(text, 10, bits)
	if err != nil && jsonNumber.MatchString(text) {
		return task.Value{}, errRange // below zero
	}
	return of(u), numberError(err)
}

func decimal(text string, bits int, of func(float64) task.Value) (task.Value, error) {
	f, err := strconv.ParseFloat(text, bits)
	return of(f), numberError(err)
}

func numberError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, strconv.ErrRange):
		return errRange
	default:
		return errNumber
	}
}

func boolean(text string) (task.Value, error) {
	if text != "true" && text != "false" {
		return task.Value{}, errors.New("want bool:true or bool:false")
	}
	return task.Bool(text == "true"), nil
}

func text8(text string) (task.Value, error) {
	if !utf8.ValidString(text) {
		return task.Value{}, errUTF8
	}
	return task.String(text), nil
}

// bytes is text, or what a file or standard input holds.
func (r reader) bytes(text string) (task.Value, error) {
	name, isFile := strings.CutPrefix(text, "@")
	var content []byte
	var err error
	switch {
	case !isFile:
		content = []byte(text)
	case name == "-":
		content, err = io.ReadAll(r.stdin)
	default:
		content, err = r.readFile(name)
	}
	return task.Bytes(content), bare(err)
}

// bare returns what is wrong with a file, without its name, which stands in the
// word already.
func bare(err error) error {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		return path.Err
	}
	return err
}

func base64Bytes(text string) (task.Value, error) {
	content, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return task.Value{}, errors.New("not base64")
	}
	return task.Bytes(content), nil
}

// wordError names the word, or as much of it as a line should have.
func wordError(word string, err error) error {
	const enough = 60
	if len(word) > enough {
		word = clip.Text(word, enough)
	}
	for _, c := range word {
		if !strconv.IsPrint(c) || c == utf8.RuneError {
			return fmt.Errorf("%q: %w", word, err)
		}
	}
	return fmt.Errorf("%s: %w", word, err)
}
