// Package admin sees and steers a Task Scheduler from Go, by its admin
// listener. It knows as much as the command task-scheduler admin, which is made
// of it.
//
// Errors are [*task.Error], with the code and message that the server sent. A
// call that got no answer because there is no connection is UNAVAILABLE, and
// errors.Is(err, [client.ErrUnreachable]) tells it from a server that said so.
// No call is made twice.
package admin
