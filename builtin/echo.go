package builtin

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/taskscheduler/taskscheduler/task"
)

var _ = task.Sync(Ping, task.Params("message", "others"), task.Doc("Shows that the server answers."))

// Ping shows that the server answers. The message is optional. What comes after it
// is passed over, here and in others of these tasks, as the contract has it.
func Ping(message *string, _ ...task.Value) string {
	if message == nil {
		return "pong"
	}
	return "pong: " + *message
}

var _ = task.Sync(EchoBool, task.Params("bools"), task.Doc("Joins bools by commas."))

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

var _ = task.Sync(EchoString, task.Params("strings"), task.Doc("Joins strings by commas."))

// EchoString returns the strings, joined by commas. An argument of another
// type gives an empty item.
func EchoString(args []task.Value) string {
	items := make([]string, len(args))
	for i, arg := range args {
		items[i], _ = arg.Str()
	}
	return strings.Join(items, ",")
}

var _ = task.Sync(EchoBytes, task.Params("bytes"), task.Doc("Joins bytes, which are UTF-8, by commas."))

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
