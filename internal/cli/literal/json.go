package literal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/task"
)

var (
	errDepth   = fmt.Errorf("more than %d lists and maps inside each other", task.MaxDepth)
	errNull    = errors.New("null is not a type of the contract")
	errTrailer = errors.New("more text after the end of the JSON")
	errUnicode = errors.New("half a surrogate pair is not text")
)

// json is a list or a map. Numbers in it are read as words are, strings may be
// typed.
func (r reader) json(word string) (task.Value, error) {
	d := jsonReader{json.NewDecoder(strings.NewReader(word)), word, r}
	d.UseNumber() // no detour by float64
	v, err := d.value(0)
	if err != nil {
		return task.Value{}, err
	}
	if _, err := d.Token(); err != io.EOF { //nolint:errorlint // Token returns it bare
		return task.Value{}, errTrailer
	}
	return v, nil
}

// jsonReader reads tokens rather than into Go values, to see what those hide:
// keys that come twice, the kind of a number.
type jsonReader struct {
	*json.Decoder

	text     string // what the decoder reads
	literals reader
}

// value reads one value that lies inside depth lists and maps.
func (d jsonReader) value(depth int) (task.Value, error) {
	token, err := d.token()
	if err != nil {
		return task.Value{}, err
	}
	switch token := token.(type) {
	case json.Delim:
		switch {
		case depth == task.MaxDepth:
			return task.Value{}, errDepth
		case token == '[':
			return d.list(depth)
		default:
			return d.object(depth)
		}
	case json.Number:
		return number(token.String())
	case bool:
		return task.Bool(token), nil
	case string:
		v, typed, err := d.literals.typed(token)
		if !typed {
			v, err = task.String(token), nil
		}
		return v, err
	default:
		return task.Value{}, errNull
	}
}

func (d jsonReader) list(depth int) (task.Value, error) {
	items := []task.Value{}
	for d.More() {
		item, err := d.value(depth + 1)
		if err != nil {
			return task.Value{}, err
		}
		items = append(items, item)
	}
	_, err := d.token() // the bracket
	return task.ListOf(items...), err
}

func (d jsonReader) object(depth int) (task.Value, error) {
	fields := map[string]task.Value{}
	for d.More() {
		token, err := d.token()
		if err != nil {
			return task.Value{}, err
		}
		key, _ := token.(string) // the decoder lets nothing else stand there
		if _, twice := fields[key]; twice {
			return task.Value{}, fmt.Errorf("key %q comes twice", key)
		}
		if fields[key], err = d.value(depth + 1); err != nil {
			return task.Value{}, err
		}
	}
	_, err := d.token() // the brace
	return task.MapOf(fields), err
}

// token returns the next token, and an error that tells where there is none.
func (d jsonReader) token() (json.Token, error) {
	start := d.InputOffset()
	token, err := d.Token()
	text, _ := token.(string)
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return nil, errors.New("the JSON ends too early")
	case err != nil:
		return nil, fmt.Errorf("not JSON at character %d (str: before the word makes it a string)", d.InputOffset()+1)
	case mended(text, d.text[start:d.InputOffset()]):
		return nil, errUnicode
	}
	return token, nil
}

// mended says whether the decoder has put U+FFFD where the source has half a
// surrogate pair.
func mended(text, source string) bool {
	const replacement = string(utf8.RuneError)
	return strings.Contains(text, replacement) && !strings.Contains(source, replacement) &&
		!strings.Contains(strings.ToLower(source), `\ufffd`)
}
