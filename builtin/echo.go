package builtin

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/task"
)

var _ = task.Sync(Ping)

// Ping shows that the server answers. The message is optional.
func Ping(message *string) string {
	if message == nil {
		return "pong"
	}
	return "pong: " + *message
}

var _ = task.Sync(EchoBool)

// EchoBool returns the bools, joined by commas. An argument of another type
// gives an empty item; that is why it takes []task.Value.
func EchoBool(args []task.Value) string {
	items := make([]string, len(args))
	for i, arg := range args {
		if b, ok := arg.Bool(); ok {
			items[i] = strconv.FormatBool(b)
		}
	}
	return strings.Join(items, ",")
}

var _ = task.Sync(EchoString)

// EchoString returns the strings, joined by commas. An argument of another
// type gives an empty item.
func EchoString(args []task.Value) string {
	items := make([]string, len(args))
	for i, arg := range args {
		items[i], _ = arg.Str()
	}
	return strings.Join(items, ",")
}

var _ = task.Sync(EchoBytes)

// EchoBytes returns the bytes as UTF-8 text, joined by commas. An argument of
// another type gives an empty item.
func EchoBytes(args []task.Value) (string, error) {
	items := make([]string, len(args))
	for i, arg := range args {
		b, _ := arg.Bytes()
		if !utf8.Valid(b) {
			return "", task.Errorf(task.InvalidArgument, "argument %d: the bytes are not valid UTF-8", i+1)
		}
		items[i] = string(b)
	}
	return strings.Join(items, ","), nil
}
