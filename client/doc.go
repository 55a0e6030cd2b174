// Package client calls tasks on a Task Scheduler from Go.
//
//	c, err := client.New(client.Config{Addr: "127.0.0.1:50051"})
//	…
//	defer c.Close()
//	sum, err := c.Run(ctx, "add", 1, 2, 3) // "6"
//
// [Client.Run] waits for the task's result; when ctx ends first, the server
// cancels the task. [Client.RunTask] does the same for a [Task] with an id,
// dependencies or timeouts. [Client.Submit] leaves the task to run on its own:
// [Client.Wait] and [Client.Result] ask for its result by id, later and from
// anywhere, and [Client.Cancel] stops it.
//
// Arguments are plain Go values, packed as [task.ValueOf] says: 1 becomes an
// int32, []string a list, a struct a map.
//
// Each submission has an id, made here when the caller gives none. So a call
// that found the server unavailable, overloaded or gone is made again with the
// same id, and the task still runs only once. [Config] says how often.
//
// Errors are [*task.Error], with the code and message that the server sent:
//
//	if failure, ok := errors.AsType[*task.Error](err); ok && failure.Code == task.InvalidArgument {
//
// A call that got no answer because there is no connection is UNAVAILABLE, and
// errors.Is(err, [ErrUnreachable]) tells it from a server that said so.
package client
