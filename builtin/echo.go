package builtin

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/task"
)

var _ = task.Sync(ping, task.Params("message", "others"), task.Doc("Shows that the server answers."))

// ping shows that the server answers. The message is optional. What comes after it
// is passed over, here and in others of these tasks, as the contract has it.
func ping(message *string, _ ...task.Value) string {
	if message == nil {
		return "pong"
	}
	return "pong: " + *message
}

var _ = task.Sync(echoBool, task.Params("bools"), task.Doc("Joins bools by commas."))

// echoBool returns the bools, joined by commas. An argument of another type
// gives an empty item; that is why it takes []task.Value.
func echoBool(args []task.Value) string {
	items := make([]string, len(args))
	for i, arg := range args {
		if b, ok := arg.Bool(); ok {
			items[i] = strconv.FormatBool(b)
		}
	}
	return strings.Join(items, ",")
}

var _ = task.Sync(echoString, task.Params("strings"), task.Doc("Joins strings by commas."))

// echoString returns the strings, joined by commas. An argument of another
// type gives an empty item.
func echoString(args []task.Value) string {
	items := make([]string, len(args))
	for i, arg := range args {
		items[i], _ = arg.Str()
	}
	return strings.Join(items, ",")
}

var _ = task.Sync(echoBytes, task.Params("bytes"), task.Doc("Joins bytes, which are UTF-8, by commas."))

// echoBytes returns the bytes as UTF-8 text, joined by commas. An argument of
// another type gives an empty item.
func echoBytes(args []task.Value) (string, error) {
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
